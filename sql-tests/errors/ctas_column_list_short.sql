-- title: ctas column list short
-- features: errors

CREATE TABLE t (b) WITH ('connector' = 'blackhole') AS SELECT 1 AS a, 2 AS b;
