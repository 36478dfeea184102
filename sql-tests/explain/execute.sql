-- title: EXPLAIN of EXECUTE SELECT and EXECUTE INSERT is that of the query
-- features: EXPLAIN, EXECUTE

CREATE TABLE t (id INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
CREATE TABLE s (id INT) WITH ('connector' = 'blackhole');
EXPLAIN EXECUTE SELECT id + 1 AS id FROM t;
EXPLAIN PLAN FOR EXECUTE INSERT INTO s SELECT id + 1 AS id FROM t;
