-- title: A name that the select list has twice
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
SELECT qty AS x, user_id AS x FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY product ORDER BY amount DESC) = 1 AND x > 1;
