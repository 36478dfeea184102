-- title: Windows over processing time that are open when the input ends are dropped, as in Flink; rows of a window TVF are not
-- features: PROCTIME, TUMBLE, HOP, CUMULATE, SESSION
-- compare: changelog

CREATE TABLE orders (
  order_id BIGINT,
  user_id BIGINT,
  product STRING,
  amount DECIMAL(10, 2),
  qty INT,
  status STRING,
  ts TIMESTAMP(3),
  pt AS PROCTIME()
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/orders.csv',
  'format' = 'csv',
  'csv.null-literal' = ''
);
SELECT window_start, window_end, window_time, COUNT(*) AS n
FROM TUMBLE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' DAY)
GROUP BY window_start, window_end, window_time;
SELECT product, HOP_START(pt, INTERVAL '1' DAY, INTERVAL '2' DAY) AS s, HOP_PROCTIME(pt, INTERVAL '1' DAY, INTERVAL '2' DAY) AS p, SUM(qty) AS q
FROM orders GROUP BY product, HOP(pt, INTERVAL '1' DAY, INTERVAL '2' DAY);
SELECT product, window_start, SUM(qty) AS q
FROM SESSION(TABLE orders PARTITION BY product, DESCRIPTOR(pt), INTERVAL '1' DAY)
GROUP BY product, window_start, window_end;
SELECT window_start, SUM(n) AS n FROM (
  SELECT window_start, window_end, product, COUNT(*) AS n
  FROM CUMULATE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' DAY, INTERVAL '2' DAY)
  GROUP BY window_start, window_end, product
) GROUP BY window_start, window_end;
SELECT order_id, window_end > window_start AS w, window_time > TIMESTAMP '2024-01-01 00:00:00' AS t
FROM TUMBLE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' DAY) WHERE order_id < 4;
CREATE TEMPORARY VIEW days AS
SELECT window_time AS wt, COUNT(*) AS n FROM TUMBLE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' DAY) GROUP BY window_start, window_end, window_time;
DESCRIBE days;
SELECT * FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY qty DESC) AS rn
  FROM TUMBLE(TABLE orders, DESCRIPTOR(pt), INTERVAL '1' DAY)
) WHERE rn <= 2;
