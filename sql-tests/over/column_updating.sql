-- title: The order of a column over an input that takes rows back
-- features: OVER, retract
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, n, SUM(n) OVER (ORDER BY n) AS a FROM (SELECT k, COUNT(*) AS n FROM p GROUP BY k);
SELECT k, n, SUM(n) OVER (PARTITION BY k ORDER BY n) AS a FROM (SELECT k, s, SUM(v) AS n FROM p GROUP BY k, s);
SELECT k, n, SUM(n) OVER (PARTITION BY k ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS a FROM (SELECT k, s, SUM(v) AS n FROM p GROUP BY k, s);
SELECT k, n, MAX(n) OVER (PARTITION BY k ORDER BY n) AS a FROM (SELECT k, s, SUM(v) AS n FROM p GROUP BY k, s);
SELECT k, n, ROW_NUMBER() OVER (PARTITION BY k ORDER BY n) AS a FROM (SELECT k, s, SUM(v) AS n FROM p GROUP BY k, s);
SELECT k, n, AVG(n) OVER w AS a, COUNT(*) OVER w AS b FROM (SELECT k, COUNT(*) AS n FROM p GROUP BY k) WINDOW w AS (ORDER BY n);
SELECT k, SUM(SUM(v)) OVER (ORDER BY ts) AS a FROM p GROUP BY k, ts;
SELECT k, SUM(SUM(v)) OVER (ORDER BY k) AS a FROM p GROUP BY k;
