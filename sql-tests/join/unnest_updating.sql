-- title: UNNEST of collections that change: rows come and go with their collection
-- features: UNNEST, retraction
-- compare: changelog

SELECT g, e, o FROM (SELECT k AS g, COLLECT(v) AS ms FROM (VALUES (1, 'a'), (1, 'a'), (1, 'b'), (2, 'c')) AS v(k, v) GROUP BY k) CROSS JOIN UNNEST(ms) WITH ORDINALITY AS u(e, o);
SELECT x, COUNT(*) AS n FROM (SELECT k, ARRAY_AGG(v) AS arr FROM (VALUES (1, 1), (1, 2), (2, 2)) AS z(k, v) GROUP BY k) CROSS JOIN UNNEST(arr) AS u(x) GROUP BY x;
