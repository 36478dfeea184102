-- title: A CSV record that cannot be read fails the job, and names the place
-- features: csv

CREATE TABLE fruit (id INT, name STRING, price DECIMAL(5, 2)) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bad.csv', 'format' = 'csv');
SELECT * FROM fruit;
