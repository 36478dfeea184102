-- title: A source table's option goes before SET: the refused backend of the table is the one that counts
-- features: table options of jobs

SET 'state.backend' = 'memory';
CREATE TABLE a (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv', 'state.backend' = 'forst');
SELECT id FROM a;
