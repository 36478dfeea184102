-- title: A HOP group window may slide by what does not divide its size, also further than its size
-- features: group window, HOP
-- compare: changelog

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
SELECT HOP_START(ts, INTERVAL '2' MINUTES, INTERVAL '3' MINUTES) AS s, COUNT(*) AS n, SUM(qty) AS q
FROM orders GROUP BY HOP(ts, INTERVAL '2' MINUTES, INTERVAL '3' MINUTES);
SELECT product, HOP_END(ts, INTERVAL '3' MINUTES, INTERVAL '1' MINUTE) AS e, COUNT(*) AS n
FROM orders GROUP BY product, HOP(ts, INTERVAL '3' MINUTES, INTERVAL '1' MINUTE);
SELECT window_start, COUNT(*) FROM HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTES, INTERVAL '3' MINUTES) GROUP BY window_start, window_end;
