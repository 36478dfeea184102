-- title: A recursive query is refused by name
-- features: WITH RECURSIVE, errors

WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r;
