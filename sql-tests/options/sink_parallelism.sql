-- title: a parallelism of none
-- features: errors, ddl.options
CREATE TABLE t (id INT) WITH ('connector' = 'print', 'sink.parallelism' = '0');
INSERT INTO t VALUES (1);
