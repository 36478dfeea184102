-- title: ctas temporary
-- features: errors

CREATE TEMPORARY TABLE t WITH ('connector' = 'blackhole') AS SELECT 1 AS a;
