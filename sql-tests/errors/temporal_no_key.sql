-- title: A versioned table needs a primary key
-- features: temporal join, error

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
CREATE TABLE v (k INT, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
SELECT l.k, r.k AS rk FROM l JOIN l FOR SYSTEM_TIME AS OF l.ts AS r ON l.k = r.k;
