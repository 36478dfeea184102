-- title: distribution sink
-- features: errors

CREATE TABLE t (a INT) DISTRIBUTED BY (a) INTO 3 BUCKETS WITH ('connector' = 'blackhole');
INSERT INTO t VALUES (1);
