-- title: Tumbling windows shifted by positive and negative offsets (Flink 2.2.1 drops rows)
-- features: window TVF, TUMBLE, offset
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
SELECT window_start, window_end, COUNT(*) AS n FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '4' MINUTES, INTERVAL '90' SECONDS) GROUP BY window_start, window_end;
SELECT window_start, window_end, COUNT(*) AS n FROM TUMBLE(DATA => TABLE orders, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' DAY, `OFFSET` => INTERVAL '-8' HOURS) GROUP BY window_start, window_end;
