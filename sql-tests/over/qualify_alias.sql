-- title: QUALIFY with the names of the select list, which go before columns
-- features: QUALIFY, aliases, Top-N, OVER
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
SELECT order_id, status, amount, ROW_NUMBER() OVER (PARTITION BY status ORDER BY amount DESC) AS rn FROM orders QUALIFY rn <= 2;
SELECT id, UPPER(k) AS k, n FROM (VALUES (1, 'a', 5), (2, 'b', 7), (3, 'a', 6), (4, 'A', 9), (5, 'B', 2)) AS v (id, k, n) QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY n DESC) = 1 AND k = 'A';
SELECT order_id, -qty AS qty, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY qty DESC) AS rn FROM orders QUALIFY rn = 1 AND qty < -2;
SELECT order_id, COUNT(*) OVER w AS n, SUM(qty) OVER w AS total FROM orders WINDOW w AS (PARTITION BY product ORDER BY ts) QUALIFY total * 2 / n > 5 AND n BETWEEN 3 AND 6;
SELECT *, ROW_NUMBER() OVER (PARTITION BY product ORDER BY ts DESC) AS rn FROM orders QUALIFY rn = 1;
SELECT o.order_id, p.product, ROW_NUMBER() OVER (PARTITION BY p.product ORDER BY o.amount DESC) AS rn FROM orders AS o JOIN orders AS p ON o.order_id = p.order_id QUALIFY rn = 1 AND order_id > 5;
