-- title: DROP: a table is no view, temporary objects go first, IF EXISTS
-- features: DROP

CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
CREATE TEMPORARY TABLE t (b INT) WITH ('connector' = 'blackhole');
DESCRIBE t;
DROP TABLE IF EXISTS missing;
DROP VIEW IF EXISTS missing;
DROP TEMPORARY TABLE t;
DESCRIBE t;
DROP VIEW t;
