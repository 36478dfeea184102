-- title: The two tables of the articles, written and joined, with the state backend hashmap
-- features: filesystem, csv, checkpoints, state backend
-- compare: final

CREATE TABLE rocksdb_state_table (
    key STRING,
    value STRING,
    state_id STRING
) WITH (
    'connector' = 'filesystem',
    'path' = 'file://${tmp}/flink/rocksdb_state',
    'format' = 'csv',
    'state.backend' = 'hashmap',
    'checkpointing.mode' = 'exactly-once',
    'checkpointing.interval' = '1s'
);
CREATE TABLE checkpointing_table (
    key STRING,
    value STRING
) WITH (
    'connector' = 'filesystem',
    'path' = 'file://${tmp}/flink/checkpointing',
    'format' = 'csv',
    'checkpointing.mode' = 'exactly-once',
    'checkpointing.interval' = '1s'
);
INSERT INTO rocksdb_state_table VALUES ('k1', 'v1', 's1'), ('k2', 'a, "quoted" value', 's1'), ('k3', 'v3', 's2'), ('k3', 'again', 's3');
INSERT INTO checkpointing_table VALUES ('k1', 'done'), ('k3', 'open'), ('k4', 'lost'), (CAST(NULL AS STRING), 'no key');
SELECT r.key, r.value, c.value AS position, state_id FROM rocksdb_state_table AS r JOIN checkpointing_table AS c ON r.key = c.key;
SELECT c.key, COUNT(r.key) AS states FROM checkpointing_table AS c LEFT JOIN rocksdb_state_table AS r ON r.key = c.key GROUP BY c.key;
