-- title: A join hint is a list of one table at least
-- features: hints, error

CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT /*+ BROADCAST */ a.x FROM t AS a JOIN t AS b ON a.x = b.x;
