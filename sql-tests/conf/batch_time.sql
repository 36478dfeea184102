-- title: Batch mode: rows out of the order of time are not late
-- features: batch mode, windows
-- compare: final

SET 'execution.runtime-mode' = 'batch';
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'raw');
INSERT INTO text VALUES
  ('{"k":"a","v":1,"ts":"2024-01-01 00:00:05"}'),
  ('{"k":"a","v":2,"ts":"2024-01-01 00:01:05"}'),
  ('{"k":"a","v":3,"ts":"2024-01-01 00:00:07"}'),
  ('{"k":"b","v":4,"ts":"2024-01-01 00:03:07"}'),
  ('{"k":"b","v":5,"ts":"2024-01-01 00:00:01"}'),
  ('{"k":"b","v":6,"ts":"2024-01-01 00:03:08"}'),
  ('{"k":"b","v":7,"ts":"2024-01-01 00:00:02"}');
CREATE TABLE w (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'json');
SELECT k, window_start, COUNT(*) c FROM TABLE(TUMBLE(TABLE w, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY k, window_start, window_end;
SELECT k, TUMBLE_START(ts, INTERVAL '1' MINUTE) s, SUM(v) c FROM w GROUP BY k, TUMBLE(ts, INTERVAL '1' MINUTE);
SELECT k, v, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) rn FROM w) WHERE rn = 1;
SELECT k, v, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) rn FROM w) WHERE rn = 1;
SELECT l.v, r.v FROM w AS l JOIN w AS r ON l.k = r.k AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '5' SECOND AND l.v <> r.v;
SELECT * FROM w MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES A.v AS a, B.v AS b PATTERN (A B) DEFINE B AS B.v > A.v) AS m;
