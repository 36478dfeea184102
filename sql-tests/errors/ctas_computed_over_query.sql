-- title: ctas computed over query
-- features: errors

CREATE TABLE t (a AS 1) WITH ('connector' = 'blackhole') AS SELECT 1 AS a, 2 AS b;
