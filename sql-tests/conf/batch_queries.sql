-- title: Batch mode: the final rows of queries, any ORDER BY, global aggregates of no rows
-- features: batch mode

SET 'execution.runtime-mode' = 'batch';
CREATE TABLE g (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/g', 'format' = 'csv');
INSERT INTO g VALUES (3, 'x'), (1, 'y'), (2, 'x'), (1, 'y');
SELECT b, COUNT(*) AS n, SUM(a) AS s FROM g GROUP BY b;
SELECT a, b FROM g ORDER BY a DESC, b;
SELECT b FROM g ORDER BY a NULLS LAST, b;
SELECT a FROM g ORDER BY a DESC LIMIT 2;
SELECT b, COUNT(*) AS n FROM g GROUP BY b ORDER BY n DESC;
SELECT b, COUNT(*) AS n FROM g GROUP BY b ORDER BY n DESC, b LIMIT 1;
SELECT SUM(a), COUNT(a), MAX(b), COUNT(DISTINCT b) FROM g WHERE a < 0;
SELECT COUNT(*) FILTER (WHERE a > 0), COUNT(*) FROM g WHERE a < 0;
SELECT COUNT(*) FROM g WHERE a < 0 HAVING COUNT(*) > 0;
SELECT COUNT(*) FROM (SELECT COUNT(*) FROM g WHERE a < 0);
SELECT AVG(a) FROM g;
SELECT l.x, r.x FROM (VALUES (3), (1)) AS l(x) LEFT JOIN (VALUES (1)) AS r(x) ON l.x = r.x;
SELECT x FROM (VALUES (3), (1)) AS t(x) UNION SELECT 3;
SELECT DISTINCT b FROM g;
SELECT a FROM g WHERE b IN (SELECT b FROM g WHERE a = 3);
