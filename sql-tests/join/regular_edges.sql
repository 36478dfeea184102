-- title: Regular joins at their edges: retractions on both sides, NULL keys, residuals, USING, NATURAL, three ways
-- features: join
-- compare: final

CREATE TABLE a (k INT, n INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/a', 'format' = 'json');
CREATE TABLE b (k INT, m INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/b', 'format' = 'json');
CREATE TABLE c (k INT, o INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/c', 'format' = 'json');
INSERT INTO a VALUES (1, 1), (1, 2), (2, 3), (3, 4), (CAST(NULL AS INT), 5), (2, 3), (4, CAST(NULL AS INT));
INSERT INTO b VALUES (1, 1), (2, 2), (2, 3), (5, 4), (CAST(NULL AS INT), 6), (3, CAST(NULL AS INT));
INSERT INTO c VALUES (1, 1), (2, 7), (6, 8), (CAST(NULL AS INT), 9);
SELECT x.k, x.s, y.k AS yk, y.t FROM (SELECT k, SUM(n) AS s FROM a GROUP BY k) AS x FULL JOIN (SELECT k, MAX(m) AS t FROM b GROUP BY k) AS y ON x.k = y.k AND x.s > y.t;
SELECT x.k, x.s FROM (SELECT k, SUM(n) AS s FROM a GROUP BY k) AS x WHERE x.s IN (SELECT MAX(m) FROM b GROUP BY k);
SELECT x.k, x.s FROM (SELECT k, SUM(n) AS s FROM a GROUP BY k) AS x WHERE NOT EXISTS (SELECT 1 FROM (SELECT k, MAX(m) AS t FROM b GROUP BY k) AS y WHERE y.k = x.k AND y.t < x.s);
SELECT x.k, x.s FROM (SELECT k, SUM(n) AS s FROM a WHERE k IS NOT NULL GROUP BY k) AS x WHERE x.k NOT IN (SELECT k FROM c WHERE k IS NOT NULL);
SELECT a.k, n, m, o FROM a LEFT JOIN b ON a.k = b.k FULL JOIN c ON b.k = c.k AND c.o > b.m;
SELECT a.k, n, m FROM a CROSS JOIN b WHERE n = m + 1;
SELECT a.n, b.m FROM a, b;
SELECT a.k, b.k AS bk, n, m FROM a RIGHT JOIN b ON a.k IS NOT DISTINCT FROM b.k AND n <> m;
SELECT * FROM a NATURAL JOIN b;
SELECT * FROM a NATURAL FULL JOIN c;
SELECT k, n, m FROM a JOIN b USING (k);
SELECT k, n, o FROM a LEFT JOIN c USING (k) WHERE o IS NULL;
SELECT x.n, y.n AS yn FROM a AS x JOIN a AS y ON x.k = y.k AND x.n < y.n;
SELECT a.k FROM a LEFT JOIN b ON FALSE;
SELECT a.k, m FROM a LEFT JOIN b ON a.n = 3 AND b.m > 2;
SELECT a.k, m FROM a FULL JOIN b ON a.n = 3;
SELECT a.k, COUNT(b.m) AS c FROM a LEFT JOIN b ON a.k = b.k GROUP BY a.k;
SELECT CAST(a.k AS BIGINT) AS k, m FROM a JOIN b ON CAST(a.k AS BIGINT) = b.k;
SELECT a.k, m FROM a JOIN b ON a.k = b.k OR a.n = b.m;
SELECT a.k, m FROM a LEFT JOIN b ON a.k = b.k AND a.n IS NOT NULL AND b.m IS NULL;
