-- title: OPTIONS of a SELECT are pairs
-- features: hints, error

CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT /*+ OPTIONS(x) */ x FROM t;
