-- title: DELETE is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'blackhole');
DELETE FROM t WHERE k = 1;
