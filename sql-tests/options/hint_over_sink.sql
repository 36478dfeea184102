-- title: A hint on the source goes before the sink's option
-- features: table options of jobs, hints

CREATE TABLE a (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv');
CREATE TABLE p (id INT) WITH ('connector' = 'print', 'state.backend' = 'forst');
INSERT INTO p /*+ OPTIONS('state.backend' = 'memory') */ SELECT id FROM a;
INSERT INTO p SELECT id FROM a /*+ OPTIONS('state.backend' = 'memory') */;
INSERT INTO p SELECT id FROM a;
