-- title: ORDER BY an expression of a name that the select list has twice
-- features: ORDER BY, aliases, errors

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
SELECT *, -qty AS qty FROM orders ORDER BY qty + 0, order_id LIMIT 2;
