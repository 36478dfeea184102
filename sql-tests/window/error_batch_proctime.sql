-- title: Batch mode has no TUMBLE_PROCTIME
-- features: batch, legacy group window, errors

SET 'execution.runtime-mode' = 'batch';
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
SELECT TUMBLE_PROCTIME(ts, INTERVAL '5' MINUTE) AS p, COUNT(*) AS n FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE);
