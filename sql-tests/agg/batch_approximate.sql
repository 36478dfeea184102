-- title: Batch mode: APPROX_COUNT_DISTINCT
-- features: batch, aggregates
-- compare: final

SET 'execution.runtime-mode' = 'batch';
CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES
  ('a', 1, 10, CAST(1.5 AS DOUBLE), 'x'), ('a', 2, 20, CAST(2.5 AS DOUBLE), 'y'), ('a', 2, CAST(NULL AS INT), CAST(0 AS DOUBLE), 'z'), ('a', 4, 5, CAST(3 AS DOUBLE), 'u'), ('a', CAST(NULL AS INT), 7, CAST(4 AS DOUBLE), 'w'),
  ('b', 3, 1, CAST(1 AS DOUBLE), 'q'), ('b', 1, 2, CAST(1 AS DOUBLE), 'p')) AS t(k, o, v, d, s);
SELECT APPROX_COUNT_DISTINCT(v) c, APPROX_COUNT_DISTINCT(s) d, APPROX_COUNT_DISTINCT(d) e FROM t;
SELECT k, APPROX_COUNT_DISTINCT(v) c, APPROX_COUNT_DISTINCT(s) FILTER (WHERE o > 1) FROM t GROUP BY k;
SELECT APPROX_COUNT_DISTINCT(v) OVER (PARTITION BY k) c FROM t;
SELECT APPROX_COUNT_DISTINCT(v) c FROM t WHERE o > 1000;
