-- title: A join hint is a list of tables
-- features: hints, error

CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT /*+ BROADCAST('a' = 'b') */ a.x FROM t AS a JOIN t AS b ON a.x = b.x;
