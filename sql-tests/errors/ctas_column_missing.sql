-- title: ctas column missing
-- features: errors

CREATE TABLE t (b, zz) WITH ('connector' = 'blackhole') AS SELECT 1 AS a, 2 AS b;
