-- title: A table cannot be dropped while a temporary one shadows it
-- features: DROP

CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
CREATE TEMPORARY TABLE t (b INT) WITH ('connector' = 'blackhole');
DROP TABLE t;
