-- title: A Top-N over groups goes by their keys: also by those that are not selected, and not behind a function of a key
-- features: Top-N, GROUP BY

CREATE TABLE t (k STRING, v INT, i INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'csv');
INSERT INTO t VALUES ('a', 1, 1), ('b', 2, 2), ('b', 3, 2), ('a', 0, 1), ('a', 2, 1), ('c', 9, 3);
SELECT COUNT(*) AS c FROM t GROUP BY k ORDER BY COUNT(*) DESC LIMIT 1;
SELECT COUNT(*) AS c FROM t GROUP BY k ORDER BY c DESC LIMIT 2;
SELECT c FROM (SELECT c, ROW_NUMBER() OVER (ORDER BY c DESC) AS rn FROM (SELECT k, COUNT(*) AS c FROM t GROUP BY k)) WHERE rn <= 2;
SELECT c, rn FROM (SELECT c, ROW_NUMBER() OVER (ORDER BY c DESC) AS rn FROM (SELECT k, COUNT(*) AS c FROM t GROUP BY k)) WHERE rn <= 2;
SELECT MAX(v) + 1 AS c FROM t GROUP BY k ORDER BY MAX(v) DESC LIMIT 2;
SELECT 'x' AS l, COUNT(*) AS c FROM t GROUP BY k ORDER BY 2 DESC LIMIT 2;
SELECT k, COUNT(*) AS c FROM t GROUP BY k ORDER BY k LIMIT 2;
SELECT k, COUNT(*) AS c FROM t GROUP BY k ORDER BY UPPER(k) LIMIT 2;
SELECT i, COUNT(*) AS c FROM t GROUP BY i ORDER BY i + 1 LIMIT 2;
SELECT i, COUNT(*) AS c FROM t GROUP BY i ORDER BY CAST(i AS STRING) LIMIT 2;
SELECT i, COUNT(*) AS c FROM t GROUP BY i ORDER BY CASE WHEN i > 1 THEN 1 ELSE 2 END, i LIMIT 2;
