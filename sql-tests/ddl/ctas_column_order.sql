-- title: CREATE TABLE AS puts declared columns that the query lacks first, then those of the query in its order
-- features: CREATE TABLE AS, PRIMARY KEY

CREATE TABLE s (id INT NOT NULL, name STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE t1 (name STRING, id BIGINT) WITH ('connector' = 'blackhole') AS SELECT id, name FROM s;
DESCRIBE t1;
CREATE TABLE t2 (x INT, name STRING COMMENT 'n', y AS id + 1, m STRING METADATA VIRTUAL) WITH ('connector' = 'blackhole') AS SELECT id, name FROM s;
DESCRIBE t2;
CREATE TABLE t3 (id BIGINT CONSTRAINT k PRIMARY KEY NOT ENFORCED) WITH ('connector' = 'blackhole') AS SELECT name, id FROM s;
SHOW CREATE TABLE t3;
CREATE TABLE t4 (z2 INT, id BIGINT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t4', 'format' = 'csv', 'csv.null-literal' = 'n/a') AS SELECT 'q' AS z, 5 AS id;
SELECT * FROM t4;
CREATE TABLE t5 (a INT CONSTRAINT `my key` PRIMARY KEY NOT ENFORCED COMMENT 'x', b INT) WITH ('connector' = 'blackhole');
SHOW CREATE TABLE t5;
CREATE TABLE t6 (b INT) WITH ('connector' = 'blackhole');
ALTER TABLE t6 ADD (a INT CONSTRAINT k6 PRIMARY KEY NOT ENFORCED FIRST);
SHOW CREATE TABLE t6;
