-- title: Two source tables that disagree about the job's state backend
-- features: table options of jobs

CREATE TABLE a (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv', 'state.backend' = 'memory');
CREATE TABLE b (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv', 'state.backend' = 'filesystem');
SELECT a.id FROM a JOIN b ON a.id = b.id;
