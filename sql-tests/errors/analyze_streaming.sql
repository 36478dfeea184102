-- title: analyze streaming
-- features: errors

CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS;
