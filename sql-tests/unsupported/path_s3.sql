-- title: A file on S3 is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'filesystem', 'path' = 's3://bucket/in.csv', 'format' = 'csv');
SELECT * FROM t;
