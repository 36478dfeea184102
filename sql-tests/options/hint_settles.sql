-- title: A hint settles what two source tables disagree about
-- features: table options of jobs, hints
-- compare: final

CREATE TABLE a (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv', 'state.backend' = 'memory');
CREATE TABLE b (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv', 'state.backend' = 'filesystem');
SELECT a.id, b.v FROM a JOIN b /*+ OPTIONS('state.backend' = 'memory') */ ON a.id = b.id;
