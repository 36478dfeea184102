-- title: Where mini-batches are made
-- features: EXPLAIN, mini-batch

SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '2 s';
SET 'table.exec.mini-batch.size' = '1000';
CREATE TABLE t (id BIGINT, k STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/orders.csv', 'format' = 'csv');
CREATE TABLE u (id BIGINT, k STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/orders.csv', 'format' = 'csv');
EXPLAIN SELECT k, COUNT(*) FROM t GROUP BY k;
EXPLAIN SELECT k, COUNT(*) FROM u GROUP BY k;
EXPLAIN SELECT window_start, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR) GROUP BY window_start, window_end;
