-- title: Batch mode: NTILE of a negative number
-- features: batch, OVER, errors
-- compare: final

SET 'execution.runtime-mode' = 'batch';
CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES
  ('a', 1, 10, CAST(1.5 AS DOUBLE), 'x'), ('a', 2, 20, CAST(2.5 AS DOUBLE), 'y'), ('a', 2, CAST(NULL AS INT), CAST(0 AS DOUBLE), 'z'), ('a', 4, 5, CAST(3 AS DOUBLE), 'u'), ('a', CAST(NULL AS INT), 7, CAST(4 AS DOUBLE), 'w'),
  ('b', 3, 1, CAST(1 AS DOUBLE), 'q'), ('b', 1, 2, CAST(1 AS DOUBLE), 'p')) AS t(k, o, v, d, s);
SELECT NTILE(-1) OVER (PARTITION BY k ORDER BY o) n FROM t;
