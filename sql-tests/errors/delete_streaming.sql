-- title: delete streaming
-- features: errors

CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
DELETE FROM t WHERE a = 1;
