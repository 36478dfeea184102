-- title: The sink's interval is taken, so the bad one of the source does not matter to the job
-- features: table options of jobs

CREATE TABLE a (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv', 'checkpointing.interval' = 'soon');
CREATE TABLE p (id INT) WITH ('connector' = 'print', 'checkpointing.interval' = '1s');
INSERT INTO p SELECT id FROM a;
SELECT id FROM a;
