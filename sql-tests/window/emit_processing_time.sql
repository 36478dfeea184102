-- title: Early results of windows of processing time
-- features: early-fire, processing time
-- compare: changelog

SET 'table.exec.emit.early-fire.enabled' = 'true';
SET 'table.exec.emit.early-fire.delay' = '0 ms';
CREATE TABLE p (k STRING, v INT, pt AS PROCTIME()) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, COUNT(*) AS n, SUM(v) AS s FROM p GROUP BY k, TUMBLE(pt, INTERVAL '90' DAY);
SELECT COUNT(DISTINCT k) AS n FROM p GROUP BY TUMBLE(pt, INTERVAL '90' DAY);
