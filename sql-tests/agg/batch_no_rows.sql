-- title: Batch mode: an aggregate without keys has a row also where the condition is never true
-- features: batch, aggregate

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
SELECT COUNT(*) AS n, SUM(qty) AS s, MAX(product) AS m, AVG(amount) AS a, LISTAGG(product) AS l FROM orders WHERE FALSE;
SELECT COUNT(*) AS n FROM (SELECT * FROM orders LIMIT 0);
SELECT product, COUNT(*) AS n FROM orders WHERE FALSE GROUP BY ROLLUP (product);
SELECT COUNT(*) AS n FROM orders WHERE FALSE HAVING COUNT(*) > 0;
SELECT (SELECT COUNT(*) FROM orders WHERE FALSE) AS z, (SELECT MAX(qty) FROM orders WHERE FALSE) AS y;
