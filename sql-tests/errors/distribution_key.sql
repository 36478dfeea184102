-- title: distribution key
-- features: errors

CREATE TABLE t (a INT) DISTRIBUTED BY (zz) WITH ('connector' = 'blackhole');
