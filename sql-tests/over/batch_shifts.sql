-- title: Batch mode: LAG, LEAD, FIRST_VALUE, LAST_VALUE
-- features: batch, OVER
-- compare: final

SET 'execution.runtime-mode' = 'batch';
CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES
  ('a', 1, 10, CAST(1.5 AS DOUBLE), 'x'), ('a', 2, 20, CAST(2.5 AS DOUBLE), 'y'), ('a', 2, CAST(NULL AS INT), CAST(0 AS DOUBLE), 'z'), ('a', 4, 5, CAST(3 AS DOUBLE), 'u'), ('a', CAST(NULL AS INT), 7, CAST(4 AS DOUBLE), 'w'),
  ('b', 3, 1, CAST(1 AS DOUBLE), 'q'), ('b', 1, 2, CAST(1 AS DOUBLE), 'p')) AS t(k, o, v, d, s);
SELECT k, o, s, LEAD(v) OVER w ld, LAG(v, 2) OVER w lg, LEAD(v, 0) OVER w l0, LEAD(v, -1) OVER w lm, LAG(v, -1) OVER w gm FROM t WINDOW w AS (PARTITION BY k ORDER BY o, s);
SELECT k, o, s, LEAD(v, 1, o) OVER (PARTITION BY k ORDER BY o, s) n2 FROM t;
SELECT k, v, LAG(k, 1) OVER (ORDER BY v) a, LEAD(d, 2, CAST(0 AS DOUBLE)) OVER (ORDER BY v) b, LAG(k, 1, 'none') OVER (ORDER BY v) c FROM t;
SELECT s, LAG(s) OVER (PARTITION BY k) n FROM t;
SELECT k, o, s, FIRST_VALUE(v) OVER w fv, LAST_VALUE(v) OVER w lv FROM t WINDOW w AS (PARTITION BY k ORDER BY o, s);
SELECT k, LAST_VALUE(v) OVER (PARTITION BY k ORDER BY o) l, FIRST_VALUE(v) OVER (PARTITION BY k ORDER BY o DESC) f FROM t;
SELECT x, FIRST_VALUE(x) OVER (ORDER BY x ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) d, LAST_VALUE(x) OVER (ORDER BY x) e FROM (VALUES (1), (2), (3), (4)) AS t(x);
