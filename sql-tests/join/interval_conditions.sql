-- title: How the bounds of an interval join may be written, and what is none
-- features: interval join
-- compare: final

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/l', 'format' = 'json');
CREATE TABLE r (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/r', 'format' = 'json');
INSERT INTO l VALUES (1, TIMESTAMP '2024-01-01 00:00:00.000'), (2, TIMESTAMP '2024-01-01 00:05:00.000'), (CAST(NULL AS INT), TIMESTAMP '2024-01-01 00:06:00.000');
INSERT INTO r VALUES (1, TIMESTAMP '2024-01-01 00:00:00.000'), (2, TIMESTAMP '2024-01-01 00:04:59.999'), (CAST(NULL AS INT), TIMESTAMP '2024-01-01 00:06:00.000');
SELECT l.k, r.k AS rk FROM l LEFT JOIN r ON l.k = r.k AND r.ts = l.ts;
SELECT l.k, r.k AS rk FROM l JOIN r ON r.ts BETWEEN l.ts AND l.ts + INTERVAL '10' MINUTE;
SELECT l.k, r.k AS rk FROM l, r WHERE r.ts - INTERVAL '1' MINUTE <= l.ts AND INTERVAL '2' MINUTE + l.ts > r.ts AND l.k <= r.k;
SELECT l.k, r.k AS rk FROM l LEFT JOIN r ON l.k = r.k AND r.ts BETWEEN l.ts + INTERVAL '10' MINUTE AND l.ts - INTERVAL '10' MINUTE;
SELECT l.k, r.k AS rk FROM l LEFT JOIN r ON (l.k = r.k OR l.k = 1) AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '1' MINUTE;
SELECT l.k, r.k AS rk FROM l JOIN r ON l.k IS NOT DISTINCT FROM r.k AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '1' MINUTE;
SELECT l.k, r.k AS rk FROM l FULL JOIN r ON l.k = r.k AND l.k > 1 AND r.ts BETWEEN l.ts - INTERVAL '1' MINUTE AND l.ts;
SELECT l.k, r.ts FROM l JOIN r ON l.k = r.k AND r.ts >= l.ts;
SELECT l.k FROM l WHERE EXISTS (SELECT 1 FROM r WHERE l.k = r.k AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '10' MINUTE);
SELECT window_start, COUNT(*) AS n FROM TABLE(TUMBLE((SELECT l.k, l.ts FROM l JOIN r ON l.k = r.k AND r.ts BETWEEN l.ts - INTERVAL '1' MINUTE AND l.ts + INTERVAL '10' MINUTE), DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
CREATE VIEW regular AS SELECT l.k, l.ts FROM l JOIN r ON l.k = r.k;
SELECT window_start, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE regular, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
