-- title: A window join of sessions
-- features: window join, SESSION
-- compare: final

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/l', 'format' = 'json');
CREATE TABLE r (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/r', 'format' = 'json');
INSERT INTO l VALUES (1, TIMESTAMP '2024-01-01 00:00:00.000'), (2, TIMESTAMP '2024-01-01 00:05:00.000');
INSERT INTO r VALUES (1, TIMESTAMP '2024-01-01 00:00:00.000'), (2, TIMESTAMP '2024-01-01 00:04:59.999');
SELECT l.k, r.k AS rk, l.window_start FROM TABLE(SESSION(TABLE l PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS l JOIN TABLE(SESSION(TABLE r PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS r ON l.k = r.k AND l.window_start = r.window_start AND l.window_end = r.window_end;
