-- title: SHOW CREATE VIEW: tables in a list, hints, names in QUALIFY, the ORDER BY of a set operation
-- features: SHOW CREATE VIEW, hints, QUALIFY, UNNEST, LATERAL

CREATE TABLE a (id INT, k STRING, v INT, arr ARRAY<INT>, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/a', 'format' = 'json');
CREATE TABLE b (id INT, k STRING, w INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/b', 'format' = 'json');
CREATE VIEW v1 AS SELECT x.id FROM a AS x, b AS y, b AS z WHERE x.id = y.id AND z.id = x.id;
SHOW CREATE VIEW v1;
CREATE VIEW v2 AS SELECT x.id FROM a AS x, b AS y JOIN b AS z ON z.id = y.id;
SHOW CREATE VIEW v2;
CREATE VIEW v3 AS SELECT x.id, t.e FROM a AS x, UNNEST(x.arr) AS t (e);
SHOW CREATE VIEW v3;
CREATE VIEW v4 AS SELECT b.id, l.c FROM b, LATERAL (SELECT COUNT(*) AS c FROM a WHERE a.id = b.id) AS l;
SHOW CREATE VIEW v4;
CREATE VIEW v5 AS SELECT id, k AS kk FROM a QUALIFY ROW_NUMBER() OVER (PARTITION BY kk ORDER BY ts) = 1;
SHOW CREATE VIEW v5;
CREATE VIEW v6 AS SELECT k, v FROM a QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) <= 3;
SHOW CREATE VIEW v6;
CREATE VIEW v7 AS SELECT id FROM a UNION ALL SELECT id FROM b ORDER BY id LIMIT 5;
SHOW CREATE VIEW v7;
CREATE VIEW v8 AS SELECT id FROM a EXCEPT SELECT id FROM b ORDER BY id;
SHOW CREATE VIEW v8;
CREATE VIEW v9 AS SELECT /*+ STATE_TTL('a' = '1d') */ a.id FROM a JOIN b ON a.id = b.id;
SHOW CREATE VIEW v9;
