-- title: A join hint names tables of FROM
-- features: hints, error

CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT /*+ BROADCAST(nope) */ a.x FROM t AS a JOIN t AS b ON a.x = b.x;
