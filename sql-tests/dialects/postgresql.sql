-- compare: final
-- Queries in PostgreSQL's SQL; all other statements are Flink's.
CREATE TEMPORARY VIEW orders AS
SELECT * FROM (VALUES
  (1, 'ann', 2.5, 7, CAST(1.5 AS DOUBLE), TIMESTAMP '2024-01-02 03:04:05'),
  (2, 'Bob', 1.5, CAST(NULL AS INT), 2.5, TIMESTAMP '2024-02-03 04:05:06'),
  (3, 'ann', 0.5, 4, 3.5, TIMESTAMP '2024-02-29 23:59:59')
) AS v (id, name, price, n, weight, at_time);

SET 'table.sql-dialect' = 'postgresql';

-- GROUP BY by place; SUM and AVG of whole numbers; FILTER; string_agg
SELECT name, count(*) AS c, sum(n) AS s, avg(id) AS a, count(*) FILTER (WHERE id > 1) AS later, string_agg(name, '-') AS l
FROM orders GROUP BY 1 HAVING count(*) > 0;

-- names in double quotes, ::, whole division, ILIKE, concat without NULLs
SELECT "id", price::int AS rounded, n / 2 AS half, name || '!' AS "Loud Name", length(name), concat(name, NULL, '?'), 7 / 2
FROM orders WHERE name ILIKE 'B%' OR id IN (SELECT id FROM orders WHERE n = 7);

-- AND before OR, also in a select list
SELECT id, id = 1 AND n = 0 OR name = 'Bob' AS mixed, NOT (id = 1 OR id = 2) AS other FROM orders;

-- joins
WITH known AS (SELECT id, n FROM orders WHERE n IS NOT NULL)
SELECT a.id, b.n FROM known a CROSS JOIN known AS b;
SELECT o.id, d.n FROM orders AS o LEFT JOIN (SELECT id, n FROM orders WHERE n > 5) AS d USING (id);

-- NULL is the highest value
SELECT id, n FROM orders ORDER BY n LIMIT 2;
SELECT id, n FROM orders ORDER BY n DESC LIMIT 1;
SELECT id, n FROM (SELECT id, n, row_number() OVER (PARTITION BY name ORDER BY n DESC) AS rn FROM orders) AS x WHERE rn = 1;

-- INTERSECT before UNION
SELECT id FROM orders UNION ALL SELECT id FROM orders INTERSECT SELECT 2;

-- times; Sunday is day 0
SELECT id, date_trunc('hour', at_time), extract(dow FROM at_time), extract(year FROM at_time), at_time + INTERVAL '1 day 2 hours' FROM orders;

-- sub-queries, CASE
SELECT id, CASE WHEN n > 5 THEN 'many' WHEN n IS NULL THEN 'none' ELSE 'few' END FROM orders o
WHERE EXISTS (SELECT 1 FROM orders p WHERE p.name = o.name AND p.id <> o.id);

-- a view stays Flink's, and RESET returns to Flink's SQL
CREATE TEMPORARY VIEW firsts AS SELECT `id` FROM orders WHERE id = 1;
EXPLAIN SELECT "id" FROM firsts;
RESET 'table.sql-dialect';
SELECT `id`, AVG(id) FROM firsts GROUP BY `id`;
