-- title: A processing-time window is refused by name
-- features: unsupported

CREATE TABLE t (k INT, p AS PROCTIME()) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
SELECT window_start, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(p), INTERVAL '1' MINUTE) GROUP BY window_start, window_end;
