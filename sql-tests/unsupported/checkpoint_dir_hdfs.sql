-- title: A checkpoint directory on HDFS is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'blackhole', 'checkpointing.interval' = '1s', 'checkpointing.dir' = 'hdfs://name/checkpoints');
INSERT INTO t VALUES 1;
