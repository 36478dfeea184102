-- title: ORDER BY of SELECT DISTINCT may compute with what is selected, by its name or its expression
-- features: SELECT DISTINCT, Top-N

CREATE TABLE t (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'csv');
INSERT INTO t VALUES (1, 'a', 3), (2, 'B', 4), (3, 'a', 5), (4, 'c', 1);
SELECT DISTINCT k AS x FROM t ORDER BY UPPER(x) DESC LIMIT 2;
SELECT DISTINCT k AS x FROM t ORDER BY UPPER(k) LIMIT 2;
SELECT DISTINCT k, v FROM t ORDER BY k || 'x', v + 1 LIMIT 2;
SELECT DISTINCT id + 1 AS n FROM t ORDER BY n * 2 DESC LIMIT 2;
SELECT DISTINCT id + 1 AS n FROM t ORDER BY (id + 1) * 2 DESC LIMIT 2;
SELECT DISTINCT k AS v FROM t ORDER BY UPPER(v) LIMIT 3;
SELECT DISTINCT k AS x FROM t ORDER BY CASE WHEN x = 'a' THEN 9 ELSE 1 END, x LIMIT 3;
SELECT DISTINCT k, COUNT(*) AS n FROM t GROUP BY k ORDER BY COUNT(*) * 2 DESC, UPPER(k) LIMIT 1;
SELECT DISTINCT k AS x FROM t ORDER BY UPPER(x), v LIMIT 2;
