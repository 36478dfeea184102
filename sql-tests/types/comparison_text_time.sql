-- title: A text that is no time is neither equal nor unequal to one
-- features: comparison, implicit cast
-- compare: changelog

CREATE TABLE t (id INT NOT NULL, s STRING, d DATE, ts TIMESTAMP(3))
WITH ('connector' = 'filesystem', 'path' = '${dir}/data/texts_times.jsonl', 'format' = 'json');
SELECT id, s = d AS a, d = s AS b, s <> d AS c, s = ts AS e, ts <> s AS f, NOT (s = ts) AS g, CASE ts WHEN s THEN 'same' ELSE 'other' END AS h, NULLIF(ts, s) AS i, s IS DISTINCT FROM d AS j, s IS NOT DISTINCT FROM ts AS k, d = '2024-01-02' AS m FROM t;
SELECT id FROM t WHERE s = d OR s = ts;
CREATE TABLE n (id INT NOT NULL, s STRING NOT NULL, d DATE NOT NULL)
WITH ('connector' = 'filesystem', 'path' = '${dir}/data/texts_times.jsonl', 'format' = 'json');
SELECT id, s = d AS a, s <> d AS b FROM n WHERE id <= 3;
SELECT id, s < d AS a FROM n;
