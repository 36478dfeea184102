-- title: An errors table with other columns
-- features: errors.table

CREATE TABLE rejected (line STRING) WITH ('connector' = 'blackhole');
CREATE TABLE fruit (id INT) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bad.csv', 'format' = 'csv', 'errors.table' = 'rejected');
SELECT * FROM fruit;
