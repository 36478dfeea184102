-- title: Two tables that agree, in two spellings, do not conflict
-- features: table options of jobs
-- compare: final

CREATE TABLE a (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv', 'state.backend' = 'memory', 'checkpointing.interval' = '1s', 'checkpointing.mode' = 'exactly-once');
CREATE TABLE b (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv', 'state.backend' = 'HashMap', 'checkpointing.interval' = '1000 ms', 'checkpointing.mode' = 'EXACTLY_ONCE');
SELECT a.id, b.v FROM a JOIN b ON a.id = b.id;
