-- title: CURRENT_WATERMARK of a column that is no rowtime
-- features: functions, error

CREATE TABLE t (a INT, ts TIMESTAMP(3)) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT a, CURRENT_WATERMARK(ts) FROM t;
