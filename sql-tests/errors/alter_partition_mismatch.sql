-- title: alter partition mismatch
-- features: errors

CREATE TABLE t (a INT, b STRING) PARTITIONED BY (b) WITH ('connector' = 'blackhole');
ALTER TABLE t ADD PARTITION (nothing = 'x');
