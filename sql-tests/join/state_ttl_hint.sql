-- title: STATE_TTL at joins and aggregates, MULTI_JOIN
-- features: hints
-- compare: final

CREATE TABLE a (k INT, n INT) WITH ('connector' = 'datagen', 'number-of-rows' = '4', 'fields.k.kind' = 'sequence', 'fields.k.start' = '1', 'fields.k.end' = '4', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '4');
SELECT /*+ STATE_TTL('x' = '1 d', 'y' = '2 h') */ x.k, y.n FROM a AS x LEFT JOIN a AS y ON x.k = y.n;
SELECT /*+ STATE_TTL('a' = '1 d') */ MOD(k, 2) AS odd, COUNT(*) AS n FROM a GROUP BY MOD(k, 2);
SELECT /*+ MULTI_JOIN(x, y, z) */ x.k, z.n FROM a AS x JOIN a AS y ON x.k = y.k JOIN a AS z ON y.k = z.k;
SELECT /*+ STATE_TTL('nobody' = '1 d') */ x.k FROM a AS x JOIN a AS y ON x.k = y.n;
