-- title: Batch mode: windows over columns without a watermark, of any precision, and over expressions
-- features: batch, window TVF, legacy group window

SET 'execution.runtime-mode' = 'batch';
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
SELECT window_start, window_end, window_time, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(t3), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end, window_time;
SELECT window_start, window_end, window_time, product, SUM(qty) AS q FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' MINUTE)) GROUP BY window_start, window_end, window_time, product;
SELECT window_start, window_time, COUNT(*) AS n FROM TABLE(HOP(TABLE orders, DESCRIPTOR(lt), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) GROUP BY window_start, window_end, window_time;
SELECT window_start, window_end, COUNT(*) AS n FROM TABLE(HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '4' MINUTE, INTERVAL '10' MINUTE)) GROUP BY window_start, window_end;
SELECT order_id, window_start, window_time FROM TABLE(CUMULATE(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '10' MINUTE)) WHERE order_id < 3;
SELECT TUMBLE_START(ts, INTERVAL '5' MINUTE) AS s, TUMBLE_ROWTIME(ts, INTERVAL '5' MINUTE) AS r, COUNT(*) AS n FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE);
SELECT TUMBLE_START(ts + INTERVAL '1' HOUR, INTERVAL '5' MINUTE) AS s, status, COUNT(*) AS n FROM orders GROUP BY TUMBLE(ts + INTERVAL '1' HOUR, INTERVAL '5' MINUTE), status;
SELECT TUMBLE_START(t, INTERVAL '5' MINUTE) AS s, COUNT(*) AS n FROM (SELECT CASE WHEN qty > 2 THEN t3 END AS t FROM orders) GROUP BY TUMBLE(t, INTERVAL '5' MINUTE);
SELECT window_start, COUNT(*) AS n, SUM(n) AS s FROM TABLE(TUMBLE((SELECT product, MAX(ts) AS t, COUNT(*) AS n FROM orders GROUP BY product), DESCRIPTOR(t), INTERVAL '5' MINUTE)) GROUP BY window_start, window_end;
SELECT TUMBLE_START(a.t3, INTERVAL '5' MINUTE) AS s, COUNT(*) AS n, SUM(b.qty) AS q FROM orders AS a LEFT JOIN orders AS b ON a.order_id = b.order_id + 1 GROUP BY TUMBLE(a.t3, INTERVAL '5' MINUTE);
