-- title: materialized not one
-- features: errors

CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
DROP MATERIALIZED TABLE t;
