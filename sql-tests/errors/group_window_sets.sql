-- title: A group window with GROUPING SETS
-- features: group window, GROUPING SETS

CREATE TABLE o (id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
SELECT id, COUNT(*) AS n FROM o GROUP BY GROUPING SETS ((TUMBLE(ts, INTERVAL '1' HOUR), id), (TUMBLE(ts, INTERVAL '1' HOUR)));
