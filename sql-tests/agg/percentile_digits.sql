-- title: The last digits of PERCENTILE, and points that are constant expressions
-- features: PERCENTILE
-- compare: final

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
SELECT product, PERCENTILE(qty, 0.1) AS a, PERCENTILE(amount, 0.9) AS b, PERCENTILE(amount, ARRAY[0.05, 0.35, 0.7]) AS c, PERCENTILE(qty, 1 - 0.55, 2) AS d FROM orders GROUP BY product;
