-- title: Group windows with results before and after their end
-- features: group window, early fire, late fire
-- compare: changelog

SET 'table.exec.emit.early-fire.enabled' = 'true';
SET 'table.exec.emit.early-fire.delay' = '0 ms';
CREATE TABLE orders (
  order_id BIGINT,
  user_id BIGINT,
  product STRING,
  amount DECIMAL(10, 2),
  qty INT,
  status STRING,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '0' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/orders.csv',
  'format' = 'csv',
  'csv.null-literal' = ''
);
SELECT product, TUMBLE_START(ts, INTERVAL '2' MINUTES) AS s, COUNT(*) AS n, SUM(qty) AS q, MAX(status) AS m FROM orders GROUP BY product, TUMBLE(ts, INTERVAL '2' MINUTES);
SELECT HOP_END(ts, INTERVAL '2' MINUTES, INTERVAL '3' MINUTES) AS e, COUNT(DISTINCT product) AS p FROM orders GROUP BY HOP(ts, INTERVAL '2' MINUTES, INTERVAL '3' MINUTES);
SET 'table.exec.emit.late-fire.enabled' = 'true';
SET 'table.exec.emit.late-fire.delay' = '0 ms';
SET 'table.exec.emit.allow-lateness' = '10 min';
SELECT product, TUMBLE_START(ts, INTERVAL '20' SECONDS) AS s, COUNT(*) AS n, MIN(qty) AS q FROM orders GROUP BY product, TUMBLE(ts, INTERVAL '20' SECONDS);
SET 'table.exec.emit.early-fire.delay' = '1 h';
SELECT product, TUMBLE_START(ts, INTERVAL '20' SECONDS) AS s, TUMBLE_ROWTIME(ts, INTERVAL '20' SECONDS) AS r, COUNT(*) AS n FROM orders GROUP BY product, TUMBLE(ts, INTERVAL '20' SECONDS);
SET 'table.exec.emit.early-fire.enabled' = 'false';
SET 'table.exec.emit.allow-lateness' = '5 s';
SELECT TUMBLE_END(ts, INTERVAL '5' SECONDS) AS e, LISTAGG(CAST(order_id AS STRING)) AS ids FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' SECONDS);
