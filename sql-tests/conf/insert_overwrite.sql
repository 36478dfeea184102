-- title: INSERT OVERWRITE: whole tables and partitions
-- features: INSERT OVERWRITE

SET 'execution.runtime-mode' = 'batch';
CREATE TABLE f (a INT, b STRING) PARTITIONED BY (b) WITH ('connector' = 'filesystem', 'path' = '${tmp}/f', 'format' = 'csv');
CREATE TABLE g (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/g', 'format' = 'csv');
INSERT INTO f VALUES (1, 'x'), (2, 'y');
INSERT INTO f VALUES (3, 'x');
INSERT OVERWRITE f VALUES (9, 'x');
SELECT * FROM f;
INSERT OVERWRITE f PARTITION (b = 'y') SELECT 7;
SELECT * FROM f;
INSERT OVERWRITE f SELECT a, b FROM f WHERE a > 100;
SELECT * FROM f;
INSERT INTO g VALUES (1, 'x'), (2, 'y');
INSERT OVERWRITE g SELECT a + 10, b FROM g;
SELECT * FROM g;
INSERT OVERWRITE g SELECT a, b FROM f WHERE a > 100;
SELECT * FROM g;
