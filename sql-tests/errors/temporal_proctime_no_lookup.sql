-- title: A processing time join with a table that answers no lookups
-- features: temporal join, error

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
CREATE TABLE v (k INT, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
SELECT l.k, r.n FROM (SELECT k, PROCTIME() AS p FROM l) AS l JOIN v FOR SYSTEM_TIME AS OF l.p AS r ON l.k = r.k;
