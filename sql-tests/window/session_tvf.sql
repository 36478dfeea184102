-- title: SESSION window TVF: rows wait for their session; conditions and groups over it
-- features: window TVF, SESSION
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
SELECT order_id, product, window_start, window_end, window_time
FROM SESSION(TABLE orders PARTITION BY product, DESCRIPTOR(ts), INTERVAL '30' SECONDS);
SELECT order_id, window_start, window_end
FROM SESSION(DATA => TABLE orders, TIMECOL => DESCRIPTOR(ts), GAP => INTERVAL '10' SECONDS) WHERE qty > 2;
SELECT product, window_start, MAX(window_end) AS e, COUNT(*) AS n
FROM SESSION(TABLE orders PARTITION BY product, DESCRIPTOR(ts), INTERVAL '30' SECONDS)
WHERE qty > 2 AND product <> 'drum' GROUP BY product, window_start, window_end;
SELECT product, status, window_end, SUM(qty) AS q
FROM SESSION(TABLE orders PARTITION BY product, DESCRIPTOR(ts), INTERVAL '30' SECONDS)
GROUP BY product, status, window_start, window_end;
SELECT UPPER(product) AS p, window_start, COUNT(*) AS n
FROM SESSION(TABLE orders PARTITION BY product, DESCRIPTOR(ts), INTERVAL '30' SECONDS)
GROUP BY UPPER(product), window_start, window_end;
SELECT order_id, product, window_start FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY product, window_start, window_end ORDER BY ts DESC) AS rn
  FROM SESSION(TABLE orders PARTITION BY product, DESCRIPTOR(ts), INTERVAL '30' SECONDS)
) WHERE rn = 1;
