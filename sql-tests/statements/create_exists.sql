-- title: A table of the same name
-- features: CREATE TABLE

CREATE TABLE t (id INT) WITH ('connector' = 'blackhole');
CREATE TABLE IF NOT EXISTS t (other STRING) WITH ('connector' = 'print');
DESCRIBE t;
CREATE VIEW t AS SELECT 1 AS x;
