-- title: What Flink refuses: descending
-- features: OVER, errors
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT SUM(v) OVER (PARTITION BY k ORDER BY ts DESC) FROM p;
