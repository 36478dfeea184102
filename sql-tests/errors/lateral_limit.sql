-- title: LIMIT without ORDER BY for each row
-- features: LATERAL

SELECT a, x.b FROM (VALUES (1), (2)) AS t(a), LATERAL (SELECT b FROM (VALUES (1), (1)) AS s(b) WHERE b = a LIMIT 1) AS x;
