-- title: STATE_TTL behind a table is a list of pairs
-- features: hints, error

CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT x FROM t /*+ STATE_TTL(t) */;
