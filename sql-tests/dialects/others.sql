-- compare: final
CREATE TEMPORARY VIEW orders AS
SELECT * FROM (VALUES
  (1, 'ann', 2.5, 7, CAST(1.5 AS DOUBLE), TIMESTAMP '2024-01-02 03:04:05'),
  (2, 'Bob', 1.5, CAST(NULL AS INT), 2.5, TIMESTAMP '2024-02-03 04:05:06'),
  (3, 'ann', 0.5, 4, 3.5, TIMESTAMP '2024-02-29 23:59:59')
) AS v (id, name, price, n, weight, at_time);

SET 'table.sql-dialect' = 'bigquery';
SELECT `name`, AVG(id) AS a, SUM(id) / COUNT(*) AS b, SAFE_DIVIDE(MAX(id), 0) AS nothing FROM orders GROUP BY name;
SELECT id, TIMESTAMP_TRUNC(at_time, MONTH), CAST(weight AS INT64), IF(n IS NULL, "none", 'some') FROM orders;

SET 'table.sql-dialect' = 'snowflake';
SELECT o.id, IFF(o.n > 5, 'many', 'few') AS k, NVL(o.n, 0) AS n, o.id / 2 AS half FROM orders o JOIN orders p ON o.id = p.id AND p.id > 1;
SELECT id FROM orders ORDER BY n DESC LIMIT 1;

SET 'table.sql-dialect' = 'trino';
SELECT id, id / 2 AS half, date_trunc('day', at_time), strpos(name, 'n') FROM orders;
SELECT id, n FROM orders ORDER BY n DESC LIMIT 2;
