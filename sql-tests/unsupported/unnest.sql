-- title: UNNEST is refused by name
-- features: unsupported

SELECT id, x FROM (VALUES (1, ARRAY[1, 2])) AS t(id, xs) CROSS JOIN UNNEST(xs) AS u(x);
