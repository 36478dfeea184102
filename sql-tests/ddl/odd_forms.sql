-- title: Forms of statements that are odd and legal
-- features: CREATE TABLE, ALTER TABLE, CREATE TABLE AS, STATEMENT SET

CREATE TABLE t (id INT NOT NULL, v STRING, w INT) WITH ('connector' = 'print', 'a' = 'x', 'a' = 'y'); // the last one counts
SHOW CREATE TABLE t;
CREATE TABLE src (id INT NOT NULL, v STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE twice WITH ('connector' = 'blackhole') AS SELECT id, v, id FROM src;
DESCRIBE twice;
ALTER TABLE t MODIFY v STRING AFTER v;
DESCRIBE t;
BEGIN STATEMENT SET;
END;
SELECT 'a//b' AS a, // a comment
  4 / 2 AS b;
