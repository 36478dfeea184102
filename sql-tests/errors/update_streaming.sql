-- title: update streaming
-- features: errors

CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
UPDATE t SET a = 1 WHERE a > 2;
