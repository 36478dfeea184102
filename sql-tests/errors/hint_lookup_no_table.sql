-- title: LOOKUP names its table
-- features: hints, error

CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT /*+ LOOKUP('async' = 'true') */ x FROM t;
