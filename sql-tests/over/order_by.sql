-- title: ORDER BY behind OVER
-- features: OVER, ORDER BY
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, COUNT(*) OVER w AS a, CAST(SUM(d) OVER w AS INT) AS b FROM p WINDOW w AS (PARTITION BY k ORDER BY ts ROWS 2 PRECEDING) ORDER BY ts;
