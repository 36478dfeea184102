-- title: A JSON line that cannot be read fails the job, and names the place
-- features: json

CREATE TABLE fruit (id INT, name STRING, tags ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bad.json', 'format' = 'json');
SELECT * FROM fruit;
