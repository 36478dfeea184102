-- title: ORDER BY expressions of the names of the select list, which go before columns
-- features: ORDER BY, LIMIT, aliases, Top-N
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
SELECT product, COUNT(*) AS n FROM orders GROUP BY product ORDER BY n * 2 DESC, UPPER(product) LIMIT 3;
SELECT product, COUNT(*) AS n FROM orders GROUP BY product ORDER BY CASE WHEN n > 11 THEN 0 ELSE 1 END, product DESC LIMIT 3;
SELECT order_id, -qty AS qty FROM orders ORDER BY qty + 0, order_id LIMIT 4;
SELECT order_id AS product, product AS p FROM orders ORDER BY -product LIMIT 3;
SELECT order_id, TIMESTAMPDIFF(SECOND, TIMESTAMP '2024-03-10 00:00:00', ts) AS `SECOND` FROM orders ORDER BY TIMESTAMPDIFF(SECOND, TIMESTAMP '2024-03-10 00:00:00', ts) DESC, order_id LIMIT 2;
