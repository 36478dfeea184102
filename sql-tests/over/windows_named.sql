-- title: Named windows, windows that go on from others, keys that are expressions
-- features: OVER, WINDOW
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, v, SUM(v) OVER w AS a, AVG(d) OVER (w) AS b FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
SELECT k, v, SUM(v) OVER (w ORDER BY ts) AS a FROM p WINDOW w AS (PARTITION BY k);
SELECT k, v, SUM(v) OVER w AS a, COUNT(*) OVER w2 AS b FROM p WINDOW w AS (PARTITION BY k ORDER BY ts), w2 AS (w);
SELECT k, v, SUM(v) OVER (PARTITION BY k, k ORDER BY ts) AS a, SUM(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS b FROM p;
SELECT k, v, SUM(v) OVER (PARTITION BY k, s ORDER BY ts) AS a FROM p;
SELECT k, v, SUM(v) OVER (PARTITION BY UPPER(k), v > 2 ORDER BY ts) AS a FROM p;
SELECT k, v, SUM(v) OVER (PARTITION BY 'x' ORDER BY ts) AS a FROM p;
SELECT k, v, SUM(v + 1) OVER w + 1 AS a, CASE WHEN LAG(v) OVER w IS NULL THEN 0 ELSE v - LAG(v) OVER w END AS b FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
SELECT k, ROW_NUMBER() OVER w + ROW_NUMBER() OVER w AS a FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
