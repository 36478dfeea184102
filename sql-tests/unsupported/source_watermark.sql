-- title: reading a table whose connector gives no watermarks
-- features: errors, ddl.watermark
CREATE TABLE t (id INT, other TIMESTAMP(3), ts TIMESTAMP(3), WATERMARK FOR ts AS SOURCE_WATERMARK()) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/computed_time.csv', 'format' = 'csv');
SELECT * FROM t;
