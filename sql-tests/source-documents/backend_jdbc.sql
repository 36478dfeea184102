-- title: The state backend jdbc as the documents write it: options of the table, whose password is not shown, and what is missing is said
-- features: filesystem, csv, checkpoints, state backend, jdbc, SHOW CREATE TABLE

CREATE TABLE jdbc_state_table (
    key STRING,
    value STRING,
    state_id STRING
) WITH (
    'connector' = 'filesystem',
    'path' = 'file://${tmp}/flink/jdbc_state',
    'format' = 'csv',
    'state.backend' = 'jdbc',
    'url' = 'jdbc:mysql://flink:hidden@localhost:3306/flink',
    'user' = 'flink',
    'password' = 'hidden',
    'table_name' = 'flink_state',
    'checkpointing.mode' = 'exactly-once',
    'checkpointing.interval' = '1s'
);
SHOW CREATE TABLE jdbc_state_table;
EXPLAIN INSERT INTO jdbc_state_table VALUES ('k1', 'v1', 's1');

CREATE TABLE without_url (key STRING) WITH (
    'connector' = 'filesystem', 'path' = 'file://${tmp}/flink/without_url', 'format' = 'csv', 'state.backend' = 'jdbc'
);
INSERT INTO without_url VALUES ('k1');
