-- title: QUALIFY with functions of OVER
-- features: OVER, QUALIFY
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, v FROM p QUALIFY SUM(v) OVER (PARTITION BY k ORDER BY ts) > 5;
SELECT k, v FROM p QUALIFY LAG(v) OVER (PARTITION BY k ORDER BY ts) < v;
SELECT k, v, ts FROM p WHERE v > 0 QUALIFY COUNT(*) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) = 2;
SELECT k, v FROM p QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY v DESC) <= 2;
