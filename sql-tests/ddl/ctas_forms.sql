-- title: CREATE TABLE AS with columns of its own, in another order, with watermark and key
-- features: CREATE TABLE AS

CREATE TABLE src (a INT, b STRING, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${tmp}/src', 'format' = 'csv');
INSERT INTO src VALUES (1, 'x', TIMESTAMP '2024-01-01 00:00:01'), (2, 'y', TIMESTAMP '2024-01-01 00:00:02');

CREATE TABLE extra (x INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/extra', 'format' = 'json') AS SELECT a, b FROM src;
SHOW CREATE TABLE extra;
SELECT * FROM extra;
CREATE TABLE reordered (b, a) WITH ('connector' = 'filesystem', 'path' = '${tmp}/reordered', 'format' = 'csv') AS SELECT a, b FROM src;
DESCRIBE reordered;
SELECT * FROM reordered;
CREATE TABLE full_ (a BIGINT, w AS a * 2, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '${tmp}/full', 'format' = 'csv') AS SELECT a, b, CAST(ts AS TIMESTAMP(3)) AS ts FROM src;
DESCRIBE full_;
SELECT a, b, w, ts FROM full_;
CREATE TABLE parted PARTITIONED BY (b) WITH ('connector' = 'filesystem', 'path' = '${tmp}/parted', 'format' = 'csv') AS SELECT a, b FROM src;
SHOW CREATE TABLE parted;
CREATE TABLE unnamed WITH ('connector' = 'filesystem', 'path' = '${tmp}/unnamed', 'format' = 'csv') AS SELECT a + 1, a, a FROM src;
DESCRIBE unnamed;
CREATE TABLE keyed (CONSTRAINT pk PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'blackhole') AS SELECT COALESCE(a, 0) AS k, b FROM src;
SHOW CREATE TABLE keyed;
CREATE TABLE vals WITH ('connector' = 'filesystem', 'path' = '${tmp}/vals', 'format' = 'csv') AS VALUES (1, 'a');
SELECT * FROM vals;
