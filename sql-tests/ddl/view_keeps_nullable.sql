-- title: A column of a view that could be NULL when it was made can be so for its readers, whatever its table says now
-- features: CREATE VIEW, ALTER TABLE, CREATE TABLE AS

CREATE TABLE t (id INT NOT NULL, k STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'json');
INSERT INTO t VALUES (1, 'a');
CREATE VIEW v AS SELECT id, k, COALESCE(k, 'x') AS c FROM t;
ALTER TABLE t MODIFY k STRING NOT NULL;
DESCRIBE v;
SELECT * FROM v;
SELECT k, UPPER(k) AS u FROM v;
CREATE VIEW v2 AS SELECT k, c FROM v;
DESCRIBE v2;
CREATE TABLE c WITH ('connector' = 'filesystem', 'path' = '${tmp}/c', 'format' = 'json') AS SELECT k FROM v;
SHOW CREATE TABLE c;
ALTER TABLE t MODIFY k VARCHAR(7) NOT NULL;
SELECT k FROM v;
