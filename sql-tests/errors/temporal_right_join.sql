-- title: A temporal join is INNER or LEFT
-- features: temporal join, error

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
CREATE TABLE v (k INT, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
SELECT l.k, r.n FROM l RIGHT JOIN v FOR SYSTEM_TIME AS OF l.ts AS r ON l.k = r.k;
