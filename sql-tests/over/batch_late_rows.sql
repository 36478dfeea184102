-- title: Batch mode: no row is late
-- features: batch, OVER
-- compare: final

SET 'execution.runtime-mode' = 'batch';
CREATE TABLE p (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, v, COUNT(*) OVER (ORDER BY ts, v) n, SUM(v) OVER (PARTITION BY k ORDER BY ts ROWS 1 PRECEDING) m FROM p;
