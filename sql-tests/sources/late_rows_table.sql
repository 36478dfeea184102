-- title: rows behind the watermark go to the table that late-rows.table names
-- features: late-rows.table, TUMBLE
SET 'pipeline.auto-watermark-interval' = '0 ms';
CREATE TABLE late (operator STRING, watermark TIMESTAMP(3), `row` STRING)
WITH ('connector' = 'filesystem', 'path' = '${tmp}/late', 'format' = 'json');
CREATE TABLE readings (sensor STRING, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'filesystem', 'path' = '${dir}/data/late_readings.csv', 'format' = 'csv', 'late-rows.table' = 'late');
SELECT sensor, window_start, SUM(n) AS total
FROM TUMBLE(TABLE readings, DESCRIPTOR(ts), INTERVAL '10' SECOND)
GROUP BY sensor, window_start, window_end;
SELECT SUBSTRING(operator, 1, 15) AS operator, watermark, `row` FROM late;
