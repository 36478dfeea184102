-- title: window_time around the hour that a clock change skips, and the one that it repeats
-- features: window TVF, TIMESTAMP_LTZ, TUMBLE, HOP, CUMULATE, SESSION, table.local-time-zone
-- compare: changelog

CREATE TABLE visits (
  id INT,
  k STRING,
  utc TIMESTAMP(3),
  ts AS TO_TIMESTAMP_LTZ(TIMESTAMPDIFF(SECOND, TIMESTAMP '1970-01-01 00:00:00', utc), 0),
  WATERMARK FOR ts AS ts
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/clock_change.csv',
  'format' = 'csv'
);
SET 'table.local-time-zone' = 'Europe/Berlin';
SELECT window_start, window_end, window_time, TIMESTAMPDIFF(SECOND, TO_TIMESTAMP_LTZ(1700000000, 0), window_time) AS e, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE visits, DESCRIPTOR(ts), INTERVAL '30' MINUTE)) GROUP BY window_start, window_end, window_time;
SELECT window_start, window_end, window_time, TIMESTAMPDIFF(SECOND, TO_TIMESTAMP_LTZ(1700000000, 0), window_time) AS e, COUNT(*) AS n FROM TABLE(HOP(TABLE visits, DESCRIPTOR(ts), INTERVAL '30' MINUTE, INTERVAL '1' HOUR)) GROUP BY window_start, window_end, window_time;
SELECT id, window_end, window_time, TIMESTAMPDIFF(SECOND, TO_TIMESTAMP_LTZ(1700000000, 0), window_time) AS e FROM TABLE(CUMULATE(TABLE visits, DESCRIPTOR(ts), INTERVAL '30' MINUTE, INTERVAL '3' HOUR));
SELECT k, window_end, window_time, TIMESTAMPDIFF(SECOND, TO_TIMESTAMP_LTZ(1700000000, 0), window_time) AS e, COUNT(*) AS n FROM TABLE(SESSION(TABLE visits PARTITION BY k, DESCRIPTOR(ts), INTERVAL '35' MINUTE)) GROUP BY window_start, window_end, window_time, k;
SELECT HOP_END(ts, INTERVAL '30' MINUTE, INTERVAL '1' HOUR) AS we, HOP_ROWTIME(ts, INTERVAL '30' MINUTE, INTERVAL '1' HOUR) AS rt, COUNT(*) AS n FROM visits GROUP BY HOP(ts, INTERVAL '30' MINUTE, INTERVAL '1' HOUR);
