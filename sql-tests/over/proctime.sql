-- title: Processing time: every row has its result at once
-- features: OVER, proctime
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, v, SUM(v) OVER (PARTITION BY k ORDER BY pt) AS a FROM p;
SELECT k, v, SUM(v) OVER (PARTITION BY k ORDER BY pt ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS a FROM p;
SELECT k, v, ROW_NUMBER() OVER (PARTITION BY k ORDER BY pt) AS a FROM p;
SELECT k, v, RANK() OVER w AS a, LAG(v) OVER w AS b, LAST_VALUE(v) OVER w AS c FROM p WINDOW w AS (PARTITION BY k ORDER BY pt);
SELECT k, v, COUNT(DISTINCT s) OVER (ORDER BY pt ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS a FROM p;
SELECT k, v, SUM(v) OVER (PARTITION BY k ORDER BY PROCTIME()) AS a FROM p;
