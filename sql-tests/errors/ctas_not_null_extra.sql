-- title: ctas not null extra
-- features: errors

CREATE TABLE t (x INT NOT NULL) WITH ('connector' = 'blackhole') AS SELECT 1 AS a;
