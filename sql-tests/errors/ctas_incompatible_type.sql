-- title: ctas incompatible type
-- features: errors

CREATE TABLE t (a STRING) WITH ('connector' = 'blackhole') AS SELECT 1 AS a;
