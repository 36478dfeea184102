-- title: A view that is renamed goes on; one whose table was dropped does not
-- features: ALTER VIEW, DROP TABLE

CREATE TABLE t (v INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'csv');
INSERT INTO t VALUES 1, 2;
CREATE VIEW doubled AS SELECT v * 2 AS v FROM t;
SELECT v FROM doubled;
ALTER VIEW doubled RENAME TO twice;
SELECT v FROM twice WHERE v > 2;
DROP TABLE t;
SELECT v FROM twice;
