-- title: OVER over windows, OVER, joins and deduplication, and below aggregates
-- features: OVER, TUMBLE
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, window_time, v, SUM(v) OVER (PARTITION BY k ORDER BY window_time) AS a FROM (SELECT k, window_time, SUM(v) AS v FROM TABLE(TUMBLE(TABLE p, DESCRIPTOR(ts), INTERVAL '2' SECOND)) GROUP BY k, window_start, window_end, window_time);
SELECT k, window_time, v, SUM(v) OVER (PARTITION BY k ORDER BY window_time ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS a FROM TABLE(TUMBLE(TABLE p, DESCRIPTOR(ts), INTERVAL '2' SECOND));
SELECT k, v, SUM(v) OVER (PARTITION BY k, window_start ORDER BY ts) AS a FROM TABLE(TUMBLE(TABLE p, DESCRIPTOR(ts), INTERVAL '2' SECOND));
SELECT k, v, a, COUNT(*) OVER (PARTITION BY a ORDER BY ts) AS b FROM (SELECT k, v, ts, SUM(v) OVER (PARTITION BY k ORDER BY ts) AS a FROM p);
SELECT k, v, SUM(v) OVER (ORDER BY ts) AS a FROM (SELECT k, v, ts, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS rn FROM p) WHERE rn = 1;
SELECT k, TUMBLE_START(ts, INTERVAL '10' SECOND) AS x, SUM(v) FROM (SELECT k, ts, LAG(v) OVER (PARTITION BY k ORDER BY ts) AS v FROM p) GROUP BY k, TUMBLE(ts, INTERVAL '10' SECOND);
SELECT k, MAX(a) FROM (SELECT k, COUNT(*) OVER (PARTITION BY k ORDER BY ts) AS a FROM p) GROUP BY k;
SELECT DISTINCT k, COUNT(*) OVER (PARTITION BY k ORDER BY ts) AS a FROM p;
