-- title: UNNEST with the wrong number of names
-- features: UNNEST

SELECT a FROM (VALUES (MAP['a', 1])) AS m(mp) CROSS JOIN UNNEST(mp) AS u(a);
