-- title: What Flink refuses: bound type
-- features: OVER, errors
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT SUM(v) OVER (ORDER BY ts RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM p;
