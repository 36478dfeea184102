-- title: A checkpoint directory on S3 is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'blackhole', 'checkpointing.interval' = '1s', 'checkpointing.dir' = 's3://bucket/checkpoints');
INSERT INTO t VALUES 1;
