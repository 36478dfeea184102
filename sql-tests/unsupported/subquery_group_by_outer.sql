-- title: A sub-query that groups by a column of the query around it
-- features: sub-query

CREATE TABLE a (k INT, n INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
CREATE TABLE b (k INT, m INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT x.k, x.s FROM (SELECT k, SUM(n) AS s FROM a GROUP BY k) AS x WHERE x.s IN (SELECT MAX(m) FROM b GROUP BY s);
