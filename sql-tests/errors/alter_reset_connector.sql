-- title: alter reset connector
-- features: errors

CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
ALTER TABLE t RESET ('connector');
