-- title: DROP COLUMN is not Flink's syntax
-- features: ALTER TABLE

CREATE TABLE t (a INT, b INT) WITH ('connector' = 'blackhole');
ALTER TABLE t DROP COLUMN a;
