-- title: The format avro is for messages, a table of files cannot have it
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'avro');
SELECT * FROM t;
