-- title: Batch mode: OFFSET without FETCH, row numbers that no row has
-- features: batch, OFFSET, ROW_NUMBER

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
SELECT order_id FROM orders OFFSET 57;
SELECT order_id, rn FROM (SELECT order_id, ROW_NUMBER() OVER (PARTITION BY product ORDER BY order_id) AS rn FROM orders) WHERE rn < 1;
SELECT order_id, rn FROM (SELECT order_id, ROW_NUMBER() OVER (PARTITION BY product ORDER BY order_id) AS rn FROM orders) WHERE rn = 0;
