-- title: DISTINCT and GROUP BY over the rows of a GROUP BY with these keys are a projection, whose updates are those of its input
-- features: DISTINCT, GROUP BY, MIN, MAX, SUM
-- compare: changelog

CREATE TABLE t (k INT, g STRING, v INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'csv', 'csv.null-literal' = '');
INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (1, 'a', 3), (1, 'b', 4), (CAST(NULL AS INT), 'a', 5), (2, 'b', 6), (CAST(NULL AS INT), 'a', 7), (1, 'a', 8);
SELECT DISTINCT s / 2 AS h, g, k FROM (SELECT k, g, SUM(v) AS s FROM t GROUP BY k, g);
SELECT k, MAX(c) AS m, MIN(DISTINCT c) AS n, SUM(s) AS s FROM (SELECT k, COUNT(*) AS c, SUM(v) AS s FROM t GROUP BY k) WHERE c > 1 GROUP BY k;
SELECT DISTINCT c FROM (SELECT COUNT(*) AS c FROM t);
SELECT k, c FROM (SELECT k, COUNT(*) AS c FROM t GROUP BY k) GROUP BY c, k;
SELECT DISTINCT c FROM (SELECT k, COUNT(*) AS c FROM t GROUP BY k);
SELECT k, MAX(c) FILTER (WHERE c > 1) AS m FROM (SELECT k, COUNT(*) AS c FROM t GROUP BY k) GROUP BY k;
SELECT DISTINCT k, s FROM (SELECT DISTINCT k, g AS s FROM t);
SELECT c FROM (SELECT k, COUNT(*) AS c FROM t GROUP BY k) ORDER BY c DESC LIMIT 2;
SELECT k, s, c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY c DESC) AS rn FROM (SELECT k, g, MAX(v) AS s, COUNT(*) AS c FROM t GROUP BY k, g)) WHERE rn <= 2;
