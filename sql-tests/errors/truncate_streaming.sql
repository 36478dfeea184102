-- title: truncate streaming
-- features: errors

CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
TRUNCATE TABLE t;
