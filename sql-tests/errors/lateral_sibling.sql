-- title: A query beside a table does not see it without LATERAL
-- features: LATERAL

SELECT a, x.b FROM (VALUES (1), (2)) AS t(a), (SELECT b FROM (VALUES (1), (1)) AS s(b) WHERE b = t.a) AS x;
