-- title: UPDATE is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'blackhole');
UPDATE t SET k = 2;
