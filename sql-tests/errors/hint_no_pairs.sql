-- title: hint no pairs
-- features: errors

CREATE TABLE t (x INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT /*+ STATE_TTL('t') */ x, COUNT(*) FROM t GROUP BY x;
