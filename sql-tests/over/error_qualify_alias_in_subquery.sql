-- title: A sub-query of QUALIFY does not see the names of the select list
-- features: QUALIFY, aliases, errors

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
SELECT order_id AS o FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY product ORDER BY amount DESC) = 1 AND EXISTS (SELECT 1 FROM orders AS r WHERE r.user_id = o);
