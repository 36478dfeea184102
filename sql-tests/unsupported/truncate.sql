-- title: TRUNCATE TABLE is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'blackhole');
TRUNCATE TABLE t;
