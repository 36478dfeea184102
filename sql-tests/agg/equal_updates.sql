-- title: Updates with the same result: where a number of values changes that a variance is computed from, and with a state TTL
-- features: GROUP BY, STDDEV, state TTL, mini-batch

CREATE TABLE t (k STRING, v INT, w INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'csv', 'csv.null-literal' = 'null');
INSERT INTO t VALUES ('a', 1, 1), ('a', 1, 2), ('a', 1, 3), ('b', 2, 4), ('a', CAST(NULL AS INT), 5), ('b', 2, 6);
SELECT k, MAX(v) AS m FROM t GROUP BY k;
SELECT k, STDDEV_POP(v) AS s FROM t GROUP BY k;
SELECT k, VAR_SAMP(v) AS s FROM t GROUP BY k;
SELECT k, STDDEV_POP(v) FILTER (WHERE w <> 2) AS s FROM t GROUP BY k;
SELECT k, STDDEV_POP(DISTINCT v) AS s, MAX(v) AS m FROM t GROUP BY k;
SELECT STDDEV_POP(m) AS s FROM (SELECT k, MAX(v) AS m, MIN(w) FROM t GROUP BY k);
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '1 s';
SET 'table.exec.mini-batch.size' = '2';
SET 'table.optimizer.agg-phase-strategy' = 'ONE_PHASE';
SELECT k, MAX(v) AS m FROM t GROUP BY k;
SELECT k, STDDEV_POP(v) AS s FROM t GROUP BY k;
SET 'table.exec.state.ttl' = '1 h';
SELECT k, MAX(v) AS m FROM t GROUP BY k;
SELECT k, MAX(v) AS m FROM t GROUP BY k HAVING MAX(v) > 1;
SELECT DISTINCT k FROM t;
