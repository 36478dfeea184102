-- title: The connector kafka is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'localhost:9092', 'format' = 'json');
SELECT * FROM t;
