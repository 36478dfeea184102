-- title: In streaming mode a window needs a time attribute
-- features: legacy group window, errors

CREATE TABLE orders (
  order_id BIGINT,
  user_id BIGINT,
  product STRING,
  amount DECIMAL(10, 2),
  qty INT,
  status STRING,
  ts TIMESTAMP(6),
  t3 AS CAST(ts AS TIMESTAMP(3)),
  lt AS CAST(ts AS TIMESTAMP_LTZ(6))
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/orders.csv',
  'format' = 'csv',
  'csv.null-literal' = ''
);
SELECT TUMBLE_START(t3, INTERVAL '5' MINUTE) AS s, COUNT(*) AS n FROM orders GROUP BY TUMBLE(t3, INTERVAL '5' MINUTE);
