-- title: Mini-batches need a latency and a size
-- features: mini-batch, error

CREATE TABLE t (k STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/orders.csv', 'format' = 'csv');
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '1 s';
SELECT k, COUNT(*) FROM t GROUP BY k;
