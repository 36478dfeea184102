-- title: A hint behind a table is checked though it means nothing
-- features: hints, error

CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT x FROM t /*+ STATE_TTL('t' = 'bad') */;
