-- title: Aggregates without GROUP BY over no rows: none in a stream, one in batch mode
-- features: aggregate, batch
-- compare: final

SELECT COUNT(*) AS n FROM (VALUES (1)) AS t(x) WHERE 1 = 0;
SELECT MAX(x) AS m, COUNT(*) AS n FROM (VALUES (1), (2)) AS t(x) WHERE x > 5;
SELECT x, (SELECT COUNT(*) FROM (VALUES (1)) AS u(y) WHERE FALSE) AS n FROM (VALUES (1)) AS t(x);
SET 'execution.runtime-mode' = 'batch';
SELECT COUNT(*) AS n FROM (VALUES (1)) AS t(x) WHERE 1 = 0;
SELECT x, COUNT(*) AS n FROM (VALUES (1)) AS t(x) WHERE 1 = 0 GROUP BY x;
SELECT x, COUNT(*) AS n FROM (VALUES (1)) AS t(x) WHERE 1 = 0 GROUP BY ROLLUP (x);
SELECT COUNT(*) AS n FROM (SELECT x FROM (VALUES (1)) AS t(x) LIMIT 0);
SELECT x, (SELECT COUNT(*) FROM (VALUES (1)) AS u(y) WHERE FALSE) AS n FROM (VALUES (1)) AS t(x);
SELECT COUNT(*) AS n, SUM(n) AS s FROM (SELECT COUNT(*) AS n FROM (VALUES (1)) AS t(x) WHERE 1 = 0);
SELECT 'a' AS k, COUNT(*) AS n FROM (VALUES (1)) AS t(x) WHERE FALSE UNION ALL SELECT 'b', COUNT(*) FROM (VALUES (1)) AS t(x);
SELECT x FROM (VALUES (1)) AS t(x) WHERE x > (SELECT COUNT(*) FROM (VALUES (1)) AS u(y) WHERE FALSE);
SELECT COUNT(*) AS n FROM (VALUES (1)) AS t(x) WHERE 1 = 0 HAVING COUNT(*) > 0;
