-- title: The statements of the articles, to the letter
-- features: reserved words as columns, table options of jobs

CREATE TABLE rocksdb_state_table (
    key STRING,
    value STRING,
    state_id STRING
) WITH (
    'connector' = 'filesystem',
    'path' = 'file:///tmp/flink/rocksdb_state',
    'format' = 'csv',
    'state.backend' = 'rocksdb',
    'checkpointing.mode' = 'exactly-once',
    'checkpointing.interval' = '1s'
);
CREATE TABLE checkpointing_table (
    key STRING,
    value STRING
) WITH (
    'connector' = 'filesystem',
    'path' = 'file:///tmp/flink/checkpointing',
    'format' = 'csv',
    'checkpointing.mode' = 'exactly-once',
    'checkpointing.interval' = '1s'
);
SHOW TABLES;
DESCRIBE rocksdb_state_table;
SHOW CREATE TABLE checkpointing_table;
