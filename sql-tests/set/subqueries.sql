-- title: Sub-queries as values and conditions: NULL semantics, quantifiers, several levels, every clause
-- features: sub-query
-- compare: final

CREATE VIEW t AS SELECT * FROM (VALUES (1, 10), (2, 20), (2, 20), (3, CAST(NULL AS INT)), (CAST(NULL AS INT), 30), (4, 5)) AS t(k, v);
CREATE VIEW s AS SELECT * FROM (VALUES (1, 5), (1, 6), (1, 7), (2, 8), (CAST(NULL AS INT), 9), (2, CAST(NULL AS INT)), (2, 20), (5, 5)) AS s(k, w);
SELECT k, v FROM t WHERE v NOT IN (SELECT w FROM s WHERE s.k = t.k);
SELECT k, v FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.w > t.v);
SELECT k, v FROM t WHERE (k, v) NOT IN (SELECT k, w FROM s WHERE k IS NOT NULL AND w IS NOT NULL);
SELECT k, k IN (SELECT k FROM s) AS b, k NOT IN (SELECT k FROM s WHERE w > 5) AS c FROM t;
SELECT k, EXISTS (SELECT 1 FROM s WHERE s.k = t.k) AS b, EXISTS (SELECT 1 FROM s WHERE s.w < t.v) AS c FROM t;
SELECT k, CASE WHEN k IN (SELECT k FROM s) THEN 'in' ELSE 'out' END AS b FROM t;
SELECT k, v FROM t WHERE k NOT IN (SELECT k FROM s) OR v > 20;
SELECT k, (SELECT w FROM s WHERE s.k = t.k AND s.k = 5) AS x FROM t;
SELECT k, SUM(v) AS sm FROM t GROUP BY k HAVING SUM(v) > (SELECT AVG(w) FROM s) OR EXISTS (SELECT 1 FROM s WHERE s.k = t.k AND s.w = 5);
SELECT t.k, v, w FROM t JOIN s ON t.k = s.k AND s.w > (SELECT MIN(v) FROM t);
SELECT k, v FROM t WHERE v > ALL (SELECT w FROM s WHERE w IS NOT NULL);
SELECT k, v FROM t WHERE v > ANY (SELECT w FROM s) AND k <> SOME (SELECT k FROM s);
SELECT k, v >= ALL (SELECT w FROM s WHERE s.k = t.k) AS b, v = ALL (SELECT w FROM s WHERE s.k = t.k) AS c FROM t;
SELECT k, v FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.k = t.k AND EXISTS (SELECT 1 FROM t t2 WHERE t2.v = s.w AND t2.k = t.k));
SELECT k, (SELECT COUNT(*) FROM s WHERE s.k < t.k) AS n FROM t;
SELECT k FROM t WHERE k NOT IN (SELECT k FROM s WHERE s.w > t.v);
SELECT k FROM t WHERE EXISTS (SELECT COUNT(*) FROM s WHERE s.k = t.k);
SELECT k, (SELECT w FROM s WHERE s.k = t.k ORDER BY w DESC LIMIT 1) AS x FROM t;
SELECT k, SUM(v + (SELECT MAX(w) FROM s WHERE s.k = t.k)) AS x, COUNT(*) FILTER (WHERE k IN (SELECT k FROM s)) AS n FROM t GROUP BY k;
SELECT k IN (SELECT k FROM s) AS g, COUNT(*) AS n FROM t GROUP BY k IN (SELECT k FROM s);
SELECT k, v FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.k = t.k GROUP BY s.w HAVING COUNT(*) > 0);
SELECT k, v FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.k = t.k UNION ALL SELECT 1 FROM s WHERE s.w = t.v);
SELECT k, COALESCE((SELECT MAX(w) FROM s WHERE s.k = t.k AND s.w < t.v), -1) AS x FROM t;
SELECT k FROM t WHERE EXISTS (SELECT 1 FROM UNNEST(ARRAY[t.k, t.v]) AS u(x) WHERE x > 15);
SELECT k, v FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.k = t.k AND (SELECT COUNT(*) FROM s s2 WHERE s2.w < t.v) > 1);
SELECT k, v FROM t WHERE EXISTS (SELECT 1 FROM s WHERE s.w < t.v AND EXISTS (SELECT 1 FROM s s2 WHERE s2.w < t.v AND s2.k > s.k));
SELECT k, v, (SELECT MAX(w) FROM s WHERE s.k = t.k AND s.w <= (SELECT MAX(v) FROM t t2 WHERE t2.k = t.k AND t2.v < s.w + 100)) AS m FROM t;
