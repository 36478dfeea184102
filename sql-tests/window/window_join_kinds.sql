-- title: Window joins with NULL keys, over aggregates, under aggregates, with IN and NOT IN
-- features: window join
-- compare: final

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/l', 'format' = 'json');
CREATE TABLE r (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/r', 'format' = 'json');
INSERT INTO l VALUES (1, TIMESTAMP '2024-01-01 00:00:00.000'), (2, TIMESTAMP '2024-01-01 00:05:00.000'), (CAST(NULL AS INT), TIMESTAMP '2024-01-01 00:06:00.000');
INSERT INTO r VALUES (1, TIMESTAMP '2024-01-01 00:00:00.000'), (2, TIMESTAMP '2024-01-01 00:04:59.999'), (CAST(NULL AS INT), TIMESTAMP '2024-01-01 00:06:00.000');
SELECT l.k, r.ts FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS l FULL JOIN TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS r ON l.k = r.k AND l.window_start = r.window_start AND l.window_end = r.window_end;
SELECT l.window_start, COUNT(*) AS n, SUM(r.n) AS m FROM (SELECT window_start, window_end, k, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, k) AS l LEFT JOIN (SELECT window_start, window_end, k, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, k) AS r ON l.k = r.k AND l.window_start = r.window_start AND l.window_end = r.window_end GROUP BY l.window_start, l.window_end;
SELECT * FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS l WHERE k IN (SELECT k FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS r WHERE l.window_start = r.window_start AND l.window_end = r.window_end);
SELECT * FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS l WHERE k NOT IN (SELECT k FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS r WHERE l.window_start = r.window_start AND l.window_end = r.window_end);
SELECT l.k, r.ts FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS l JOIN TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '2' MINUTE)) AS r ON l.k = r.k AND l.window_start = r.window_start AND l.window_end = r.window_end;
SELECT l.k, r.k AS rk FROM TABLE(HOP(TABLE l, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '2' MINUTE)) AS l RIGHT JOIN TABLE(HOP(TABLE r, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '2' MINUTE)) AS r ON l.window_start = r.window_start AND l.window_end = r.window_end AND l.ts >= r.ts;
SELECT l.k, r.k AS rk FROM TABLE(CUMULATE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '3' MINUTE)) AS l LEFT JOIN TABLE(CUMULATE(TABLE r, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '3' MINUTE)) AS r ON l.window_start = r.window_start AND l.window_end = r.window_end AND l.k = r.k;
