-- title: GROUPING SETS with others inside, GROUP BY DISTINCT and GROUP BY ALL
-- features: GROUPING SETS, ROLLUP, CUBE, GROUPING_ID, GROUP BY DISTINCT
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
SELECT product, status, COUNT(*) AS n, GROUPING_ID(product, status) AS g FROM orders GROUP BY GROUPING SETS (ROLLUP (product, status), status);
SELECT product, status, COUNT(*) AS n, GROUPING_ID(product, status) AS g FROM orders GROUP BY GROUPING SETS (GROUPING SETS (product, (status)), ());
SELECT product, status, SUM(qty) AS q FROM orders GROUP BY GROUPING SETS (CUBE (product, status));
SELECT product, status, COUNT(*) AS n, GROUPING_ID(product, status) AS g FROM orders GROUP BY DISTINCT ROLLUP (product), ROLLUP (product, status);
SELECT product, status, COUNT(*) AS n FROM orders GROUP BY ALL product, status;
