-- title: alter temporary table
-- features: errors

CREATE TEMPORARY TABLE t (a INT) WITH ('connector' = 'blackhole');
ALTER TABLE t ADD b INT;
