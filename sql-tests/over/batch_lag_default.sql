-- title: Batch mode: the default of LAG and LEAD is cast to the type of the value
-- features: batch, LAG, LEAD

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
SELECT order_id, LAG(order_id, 1, 0) OVER (ORDER BY order_id) AS a, LEAD(order_id, 2, 0) OVER (ORDER BY order_id) AS b FROM orders;
SELECT order_id, LAG(amount, 1, 0) OVER (PARTITION BY product ORDER BY order_id) AS a, LAG(qty, 1, 1.5) OVER (PARTITION BY product ORDER BY order_id) AS b FROM orders WHERE amount IS NOT NULL;
SELECT order_id, LAG(product, 1, 7) OVER (ORDER BY order_id) AS a FROM orders;
