-- title: Mini-batch aggregation: the same rows are left (Flink 2.2.1 emits fewer intermediate rows)
-- features: mini-batch, aggregate
-- compare: final

SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '30 s';
SET 'table.exec.mini-batch.size' = '1000';
CREATE TABLE orders (
  order_id BIGINT,
  user_id BIGINT,
  product STRING,
  amount DECIMAL(10, 2),
  qty INT,
  status STRING,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/orders.csv',
  'format' = 'csv',
  'csv.null-literal' = ''
);
SELECT product, COUNT(*) AS n, SUM(qty) AS q FROM orders GROUP BY product;
