-- title: a NULL does not equal itself in a condition; variances of one row; the input of a window may be a UNION ALL
-- features: NULL, VAR_SAMP, UNION ALL, TUMBLE
-- compare: final

CREATE TABLE t (k INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'csv', 'csv.null-literal' = '');
INSERT INTO t VALUES (1, 5, TIMESTAMP '2024-03-10 10:00:00'), (2, CAST(NULL AS INT), TIMESTAMP '2024-03-10 10:00:01');
SELECT k FROM t WHERE v = v;
SELECT k FROM t WHERE NOT (v <> v);
SELECT k FROM t WHERE v IN (v, 7);
SELECT k, VAR_SAMP(COALESCE(v, 0)) AS s, STDDEV_SAMP(1) AS d FROM t GROUP BY k;
SELECT window_start, COUNT(*) AS n FROM TABLE(TUMBLE((SELECT ts, v FROM t UNION ALL SELECT ts, k FROM t), DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
SELECT k FROM (SELECT k, v FROM t EXCEPT ALL SELECT 2, v FROM t) AS x;
