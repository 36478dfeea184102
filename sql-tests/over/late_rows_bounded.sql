-- title: Late rows: frames with a lower bound refuse only what is not after the last row of the key
-- features: OVER, late rows
-- compare: changelog

CREATE TABLE l (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/l', 'format' = 'json');
INSERT INTO l VALUES ('a', 1, TIMESTAMP '2024-01-01 00:00:10.000'), ('b', 2, TIMESTAMP '2024-01-01 00:00:20.000'), ('a', 3, TIMESTAMP '2024-01-01 00:00:12.000'), ('a', 4, TIMESTAMP '2024-01-01 00:00:09.000'), ('b', 5, TIMESTAMP '2024-01-01 00:00:20.000'), ('c', 6, TIMESTAMP '2024-01-01 00:00:01.000'), ('a', 7, TIMESTAMP '2024-01-01 00:02:00.000'), ('a', 8, TIMESTAMP '2024-01-01 00:00:05.000'), ('b', 9, TIMESTAMP '2024-01-01 00:00:15.000');
SELECT k, v, ts, SUM(v) OVER (PARTITION BY k ORDER BY ts) AS a FROM l;
SELECT k, v, ts, SUM(v) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS a FROM l;
SELECT k, v, ts, SUM(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '5' SECOND PRECEDING AND CURRENT ROW) AS a FROM l;
