-- compare: final
CREATE TEMPORARY VIEW orders AS
SELECT * FROM (VALUES
  (1, 'ann', 2.5, 7, CAST(1.5 AS DOUBLE), TIMESTAMP '2024-01-02 03:04:05'),
  (2, 'Bob', 1.5, CAST(NULL AS INT), 2.5, TIMESTAMP '2024-02-03 04:05:06'),
  (3, 'ann', 0.5, 4, 3.5, TIMESTAMP '2024-02-29 23:59:59')
) AS v (id, name, price, n, weight, at_time);

SET 'table.sql-dialect' = 'mysql';

-- a division has a fraction, and by zero it is NULL; texts in double quotes; LIMIT offset, count
SELECT `id`, n / 2 AS half, n / 0 AS nothing, concat(name, "; it's"), ifnull(n, -1), if(id > 1, 'big', 'small'), n MOD 2
FROM orders;
SELECT id, n FROM orders ORDER BY n LIMIT # NULL is the lowest value
1, 1;

-- casts round
SELECT id, cast(price AS signed), round(price, 0), cast(id AS char(1)) FROM orders;

SELECT name, group_concat(name SEPARATOR '+') AS g, avg(id) AS a FROM orders GROUP BY name;

SELECT date_add(at_time, INTERVAL 1 MONTH), datediff(timestamp '2024-03-01 00:00:01', at_time), year(at_time), locate('n', name)
FROM orders WHERE id <> 2 && !(id = 1);
SELECT 1 FROM dual;

SET 'table.sql-dialect' = 'mariadb';
SELECT id FROM orders WHERE name LIKE 'a%' AND id BETWEEN 2 AND 3;
