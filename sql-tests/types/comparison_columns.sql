-- title: Columns of different numbers compared: = brings both to one type, < and IS DISTINCT FROM keep all digits, NaN is above every DECIMAL
-- features: comparison
-- compare: changelog

CREATE TABLE t (id INT NOT NULL, i INT, l BIGINT, f FLOAT, d DOUBLE, dc DECIMAL(12, 1), dd DECIMAL(22, 2))
WITH ('connector' = 'filesystem', 'path' = '${dir}/data/comparisons.jsonl', 'format' = 'json');
SELECT id, f = d AS eq, f <> d AS ne, f < d AS lt, d < f AS gt, f >= d AS ge, f BETWEEN d AND d AS btw, f IS DISTINCT FROM d AS dst, NULLIF(f, d) AS nf, CASE f WHEN d THEN 'same' ELSE 'other' END AS c, f > 1e-1 AS lit, d < CAST(0.1 AS FLOAT) AS flit FROM t;
SELECT id, d > 0.5 AS a, d < 0.5 AS b, d >= 0.1 AS c, d <= 0.1 AS d1, 0.5 < d AS e, 0.5 >= d AS e2, d < 0.0 AS g, d > 0.0 AS h, d >= 0.0 AS i1, d <= 0.0 AS j, 0.0 > d AS k, d = 0.0 AS m, d BETWEEN 0.0 AND 1.0 AS n, d NOT BETWEEN 0.0 AND 1.0 AS o, d IS DISTINCT FROM 0.0 AS p, d IS DISTINCT FROM 0 AS q, f >= 0.1 AS r, f > 0.1 AS s FROM t;
SELECT id, d < dc AS a, dc < d AS b, d = dc AS c, d >= dd AS d1, f > dc AS e, f <= dd AS g, d IS NOT DISTINCT FROM dc AS h, dd IS DISTINCT FROM d AS i1, l < f AS j, i >= f AS k, l > dd AS m FROM t;
SELECT id FROM t WHERE d > 0.5;
SELECT id FROM t WHERE NOT d > 0.5;
