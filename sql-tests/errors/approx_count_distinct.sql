-- title: APPROX_COUNT_DISTINCT is for batch only
-- features: functions, error

CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT APPROX_COUNT_DISTINCT(a) FROM t;
