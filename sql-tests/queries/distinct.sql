-- title: SELECT DISTINCT: NULL is a value, expressions, over a join, under COUNT
-- features: DISTINCT
-- compare: final

SELECT DISTINCT a, b FROM (VALUES (1, 'x'), (1, 'x'), (CAST(NULL AS INT), 'x'), (CAST(NULL AS INT), 'x'), (1, CAST(NULL AS STRING))) AS t(a, b);
SELECT DISTINCT a / 2 AS h FROM (VALUES 1, 2, 3, 4) AS t(a);
SELECT COUNT(*) AS n, COUNT(DISTINCT a) AS d FROM (SELECT DISTINCT a, b FROM (VALUES (1, 'x'), (1, 'y'), (1, 'x'), (2, 'x')) AS t(a, b));
SELECT DISTINCT x.v FROM (VALUES 1, 2, 2) AS x(v) JOIN (VALUES 2, 2, 3) AS y(v) ON x.v = y.v;
