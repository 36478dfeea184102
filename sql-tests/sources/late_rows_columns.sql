-- title: the table of late rows must have its three columns
-- features: late-rows.table
CREATE TABLE late (operator STRING, `row` STRING) WITH ('connector' = 'print');
CREATE TABLE readings (n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'filesystem', 'path' = '${dir}/data/late_readings.csv', 'format' = 'csv', 'late-rows.table' = 'late');
SELECT COUNT(*) FROM TUMBLE(TABLE readings, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end;
