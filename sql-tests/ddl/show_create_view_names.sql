-- title: SHOW CREATE VIEW writes every table, column and star in full
-- features: SHOW CREATE VIEW

CREATE TABLE p (a INT, b STRING, r ROW<x INT, y STRING>) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE q (a INT, z STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE VIEW v1 AS SELECT * FROM p JOIN q ON p.a = q.a;
CREATE VIEW v2 AS SELECT x.a, y.z FROM p AS x LEFT JOIN q AS y ON x.a = y.a;
CREATE VIEW v3 AS SELECT r.*, p.r.x AS rx FROM p;
CREATE VIEW v4 AS SELECT * FROM (SELECT a, z AS zz FROM q);
CREATE VIEW v5 AS WITH x AS (SELECT a FROM p), y AS (SELECT * FROM x) SELECT y.*, q.z FROM y JOIN q ON y.a = q.a;
CREATE VIEW v6 AS SELECT a FROM p WHERE a IN (SELECT a FROM q WHERE z = b);
CREATE VIEW v7 AS SELECT default_catalog.default_database.p.a FROM p GROUP BY a ORDER BY a LIMIT 2;
SHOW CREATE VIEW v1;
DESCRIBE v1;
SHOW CREATE VIEW v2;
SHOW CREATE VIEW v3;
SHOW CREATE VIEW v4;
SHOW CREATE VIEW v5;
SHOW CREATE VIEW v6;
SHOW CREATE VIEW v7;
SELECT * FROM v1;
SELECT * FROM v6;
