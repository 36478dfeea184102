-- title: A name of the select list in front of IN (sub-query)
-- features: QUALIFY, aliases, Top-N, OVER
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
SELECT order_id, UPPER(product) AS p, ROW_NUMBER() OVER (PARTITION BY product ORDER BY amount DESC) AS rn FROM orders QUALIFY rn = 1 AND p IN (SELECT 'BELL');
