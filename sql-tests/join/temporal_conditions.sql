-- title: Conditions, NULL keys and equal times in an event time temporal join
-- features: temporal join
-- compare: final

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/l', 'format' = 'json');
CREATE TABLE v (k INT, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${tmp}/v', 'format' = 'json');
INSERT INTO l VALUES (1, TIMESTAMP '2024-01-01 00:00:00.000'), (2, TIMESTAMP '2024-01-01 00:05:00.000'), (1, TIMESTAMP '2024-01-01 00:10:00.000'), (CAST(NULL AS INT), TIMESTAMP '2024-01-01 00:10:00.000'), (1, TIMESTAMP '2024-01-01 00:12:00.000');
INSERT INTO v VALUES (1, 10, TIMESTAMP '2024-01-01 00:01:00.000'), (2, 20, TIMESTAMP '2024-01-01 00:04:59.999'), (1, 11, TIMESTAMP '2024-01-01 00:10:00.000'), (1, 13, TIMESTAMP '2024-01-01 00:11:00.000');
SELECT l.k, r.n, r.ts FROM l LEFT JOIN v FOR SYSTEM_TIME AS OF l.ts AS r ON l.k = r.k;
SELECT l.k, r.n FROM l LEFT JOIN v FOR SYSTEM_TIME AS OF l.ts AS r ON l.k = r.k AND r.n < 12;
SELECT l.k, r.n FROM l JOIN v FOR SYSTEM_TIME AS OF l.ts AS r ON l.k = r.k WHERE r.n <> 11;
SELECT l.k, r.n FROM l LEFT JOIN v FOR SYSTEM_TIME AS OF l.ts AS r ON l.k = r.k AND r.k = 1;
SELECT r.k AS rk, w.window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS w LEFT JOIN v FOR SYSTEM_TIME AS OF w.ts AS r ON w.k = r.k GROUP BY r.k, w.window_start, w.window_end;
SELECT l.k, v.n FROM l JOIN v FOR SYSTEM_TIME AS OF l.ts ON l.k = v.k;
SELECT l.k, r.n FROM l JOIN v FOR SYSTEM_TIME AS OF l.ts AS r ON l.k = r.n;
