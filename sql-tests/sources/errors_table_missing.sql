-- title: An errors table that does not exist
-- features: errors.table

CREATE TABLE fruit (id INT) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bad.csv', 'format' = 'csv', 'errors.table' = 'rejects');
SELECT * FROM fruit;
