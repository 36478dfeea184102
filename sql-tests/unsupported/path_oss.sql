-- title: A file on another object storage is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'filesystem', 'path' = 'oss://bucket/in.csv', 'format' = 'csv');
SELECT * FROM t;
