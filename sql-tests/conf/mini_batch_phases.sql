-- title: Bundles of mini-batches by size: rows in one phase, keys of bundles in two; deduplication; windows see fewer watermarks
-- features: mini-batch, aggregate, deduplication
-- compare: changelog

SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '1 h';
SET 'table.exec.mini-batch.size' = '20';
CREATE TABLE orders (
  order_id BIGINT,
  user_id BIGINT,
  product STRING,
  amount DECIMAL(10, 2),
  qty INT,
  status STRING,
  ts TIMESTAMP(3),
  pt AS PROCTIME(),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/orders.csv',
  'format' = 'csv',
  'csv.null-literal' = ''
);
SELECT COUNT(*) AS n, SUM(qty) AS q, COUNT(DISTINCT product) AS p, MAX(status) AS s FROM orders;
SELECT product, COUNT(*) AS n, MIN(amount) AS a, MAX(status) AS s, AVG(qty) AS q FROM orders GROUP BY product HAVING COUNT(*) > 8;
SET 'table.optimizer.agg-phase-strategy' = 'ONE_PHASE';
SELECT COUNT(*) AS n, SUM(qty) AS q FROM orders;
SELECT product, COUNT(*) AS n, COUNT(DISTINCT user_id) FILTER (WHERE qty > 2) AS u FROM orders GROUP BY product;
SELECT DISTINCT product FROM orders;
SELECT product, order_id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY product ORDER BY pt DESC) AS rn FROM orders) WHERE rn = 1;
SELECT product, order_id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY product ORDER BY ts DESC) AS rn FROM orders) WHERE rn = 1;
SET 'table.exec.deduplicate.mini-batch.compact-changes-enabled' = 'true';
SELECT product, order_id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY product ORDER BY ts DESC) AS rn FROM orders) WHERE rn = 1;
SELECT window_start, COUNT(*) AS n, SUM(qty) AS q FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTES) GROUP BY window_start, window_end;
