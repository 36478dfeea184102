-- title: Aggregates that may be split into two phases: filters, NULLs, no keys, one over another, windows
-- features: aggregate, FILTER, DISTINCT, windows
-- compare: final

SET 'table.optimizer.agg-phase-strategy' = 'TWO_PHASE';
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
SELECT product, COUNT(*) AS n, COUNT(amount) AS priced, SUM(amount) AS total, AVG(amount) AS mean, MIN(qty) AS least, MAX(status) AS word,
  COUNT(*) FILTER (WHERE amount > 100) AS dear, SUM(order_id) FILTER (WHERE status = 'NEW') AS fresh
FROM orders GROUP BY product;
SELECT COUNT(*) AS n, SUM(amount) AS total, MAX(ts) AS latest FROM orders;
SELECT n, COUNT(*) AS products FROM (SELECT product, COUNT(*) AS n FROM orders GROUP BY product) GROUP BY n;
SELECT DISTINCT status FROM orders;
SELECT product, COUNT(*) AS n, SUM(amount) AS total, window_start
FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY product, window_start, window_end;
SELECT status, COUNT(*) AS n, MIN(amount) AS low, window_end
FROM TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ts), INTERVAL '30' MINUTE, INTERVAL '2' HOUR)) GROUP BY status, window_start, window_end;
