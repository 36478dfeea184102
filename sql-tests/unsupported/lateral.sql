-- title: LATERAL is refused by name
-- features: unsupported

SELECT * FROM (VALUES (1)) AS t(id), LATERAL (SELECT id + 1 AS n) AS l;
