-- title: What Flink refuses: window twice
-- features: OVER, errors
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT SUM(v) OVER w FROM p WINDOW w AS (ORDER BY ts), w2 AS (ORDER BY ts);
