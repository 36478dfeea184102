-- title: TUMBLE_PROCTIME of a window of event times is NULL
-- features: legacy group window, TUMBLE_PROCTIME, HOP_PROCTIME, SESSION_PROCTIME
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
CREATE TABLE local_orders (lt AS CAST(ts AS TIMESTAMP_LTZ(3)), WATERMARK FOR lt AS lt - INTERVAL '5' SECOND) LIKE orders (EXCLUDING WATERMARKS);
SELECT TUMBLE_PROCTIME(ts, INTERVAL '5' MINUTE) AS p, TUMBLE_ROWTIME(ts, INTERVAL '5' MINUTE) AS r, COUNT(*) AS n FROM orders GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE);
SELECT status, SESSION_PROCTIME(lt, INTERVAL '2' MINUTE) AS p, SESSION_END(lt, INTERVAL '2' MINUTE) AS e, COUNT(*) AS n FROM local_orders GROUP BY status, SESSION(lt, INTERVAL '2' MINUTE);
SELECT CAST(HOP_PROCTIME(ts, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE) AS STRING) AS p, HOP_PROCTIME(ts, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE) IS NULL AS z, COUNT(*) AS n FROM orders GROUP BY HOP(ts, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE);
