-- title: * over a derived table with two columns of one name
-- features: star, error
-- compare: changelog

SELECT y FROM (SELECT x, x, y FROM (VALUES (1, 2)) AS t(x, y)) AS d;
SELECT * FROM (SELECT x, x, y FROM (VALUES (1, 2)) AS t(x, y)) AS d;
