-- title: HOP by a slide that does not divide the size: any but an aggregate takes it
-- features: window.hop, window.topn, window.deduplicate, window.join
CREATE TABLE orders (id INT, ts TIMESTAMP(3), other TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/computed_time.csv', 'format' = 'csv');
CREATE VIEW w AS SELECT * FROM HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '5' MINUTE);
SELECT id, window_start, window_end, window_time FROM w;
SELECT id, window_start FROM HOP(TABLE orders, DESCRIPTOR(ts), INTERVAL '5' MINUTE, INTERVAL '2' MINUTE);
SELECT id, window_start, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY other DESC) AS rn FROM w) WHERE rn <= 2;
SELECT id, window_start FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY ts) AS rn FROM w) WHERE rn = 1;
SELECT a.id, b.id, a.window_start FROM w AS a JOIN w AS b ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.id < b.id;
SELECT HOP_START(ts, INTERVAL '2' MINUTE, INTERVAL '5' MINUTE), COUNT(*) FROM orders GROUP BY HOP(ts, INTERVAL '2' MINUTE, INTERVAL '5' MINUTE);
SELECT window_start, COUNT(*) FROM w GROUP BY window_start, window_end;
