-- title: The format avro is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'avro');
SELECT * FROM t;
