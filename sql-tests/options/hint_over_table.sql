-- title: A hint goes before the table's own option
-- features: table options of jobs, hints

SET 'state.backend' = 'memory';
CREATE TABLE a (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv', 'state.backend' = 'forst');
SELECT id, COUNT(*) AS n FROM a /*+ OPTIONS('state.backend' = 'memory') */ GROUP BY id;
