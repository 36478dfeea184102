-- title: REPLACE TABLE AS and CREATE OR REPLACE TABLE AS
-- features: REPLACE TABLE AS

CREATE TABLE src (a INT, b STRING, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${tmp}/src', 'format' = 'csv');
INSERT INTO src VALUES (1, 'x', TIMESTAMP '2024-01-01 00:00:01'), (2, 'y', TIMESTAMP '2024-01-01 00:00:02');

CREATE OR REPLACE TABLE t WITH ('connector' = 'filesystem', 'path' = '${tmp}/one', 'format' = 'csv') AS SELECT a FROM src;
SELECT * FROM t;
CREATE OR REPLACE TABLE t (twice AS a || a) COMMENT 'second' WITH ('connector' = 'filesystem', 'path' = '${tmp}/two', 'format' = 'csv') AS SELECT b AS a FROM src;
SHOW CREATE TABLE t;
SELECT * FROM t;
REPLACE TABLE t WITH ('connector' = 'filesystem', 'path' = '${tmp}/three', 'format' = 'csv') AS SELECT a + 1 AS z FROM src;
SHOW CREATE TABLE t;
SELECT * FROM t;
