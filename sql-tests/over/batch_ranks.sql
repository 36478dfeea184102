-- title: Batch mode: functions of the place of a row
-- features: batch, OVER
-- compare: final

SET 'execution.runtime-mode' = 'batch';
CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES
  ('a', 1, 10, CAST(1.5 AS DOUBLE), 'x'), ('a', 2, 20, CAST(2.5 AS DOUBLE), 'y'), ('a', 2, CAST(NULL AS INT), CAST(0 AS DOUBLE), 'z'), ('a', 4, 5, CAST(3 AS DOUBLE), 'u'), ('a', CAST(NULL AS INT), 7, CAST(4 AS DOUBLE), 'w'),
  ('b', 3, 1, CAST(1 AS DOUBLE), 'q'), ('b', 1, 2, CAST(1 AS DOUBLE), 'p')) AS t(k, o, v, d, s);
SELECT k, o, s, RANK() OVER w rk, DENSE_RANK() OVER w dr, PERCENT_RANK() OVER w pr FROM t WINDOW w AS (PARTITION BY k ORDER BY o);
SELECT k, o, s, CUME_DIST() OVER (PARTITION BY k ORDER BY o) r FROM t;
SELECT k, o, s, NTILE(2) OVER (PARTITION BY k ORDER BY o, s) n2, NTILE(4) OVER (PARTITION BY k ORDER BY o, s) n4 FROM t;
SELECT x, NTILE(4) OVER (ORDER BY x) n FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) AS t(x);
SELECT x, NTILE(3) OVER (PARTITION BY x) n, PERCENT_RANK() OVER (PARTITION BY x ORDER BY x) p FROM (VALUES (1), (2), (2)) AS t(x);
SELECT k, o, ROW_NUMBER() OVER (PARTITION BY k ORDER BY o, s) c, ROW_NUMBER() OVER (PARTITION BY k ORDER BY o DESC, s DESC) d FROM t;
SELECT RANK() OVER (ORDER BY v NULLS LAST) r, v FROM t;
SELECT RANK() OVER (ORDER BY v DESC) r, v FROM t;
SELECT k, NTILE(3) OVER (PARTITION BY k ORDER BY o ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) n FROM t;
