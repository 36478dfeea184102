-- title: Mini-batches hold watermarks of table functions back, and none of group windows: other rows are late
-- features: mini-batch, window TVF, group window
-- compare: changelog

SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '1 min';
SET 'table.exec.mini-batch.size' = '100';
CREATE TABLE orders (
  order_id BIGINT,
  user_id BIGINT,
  product STRING,
  amount DECIMAL(10, 2),
  qty INT,
  status STRING,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '0' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/orders.csv',
  'format' = 'csv',
  'csv.null-literal' = ''
);
SELECT product, TUMBLE_START(ts, INTERVAL '10' SECONDS) AS s, COUNT(*) AS n FROM orders GROUP BY product, TUMBLE(ts, INTERVAL '10' SECONDS);
SELECT product, window_start AS s, COUNT(*) AS n FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECONDS) GROUP BY product, window_start, window_end;
