-- title: DISTINCT is an aggregate for STATE_TTL
-- features: hints, error

CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT /*+ STATE_TTL('nope' = '1d') */ DISTINCT x FROM t;
