-- title: show partitions none
-- features: errors

CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'blackhole');
SHOW PARTITIONS t;
