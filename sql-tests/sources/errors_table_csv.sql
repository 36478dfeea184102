-- title: CSV records that cannot be read go to the errors table, the others to the result
-- features: errors.table, csv
-- compare: final

CREATE TABLE rejected (raw STRING, reason STRING, source STRING, `position` BIGINT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/rejected', 'format' = 'json');
CREATE TABLE fruit (id INT, name STRING, price DECIMAL(5, 2)) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bad.csv', 'format' = 'csv', 'errors.table' = 'rejected');
CREATE TABLE good (id INT, name STRING, price DECIMAL(5, 2)) WITH ('connector' = 'filesystem', 'path' = '${tmp}/good', 'format' = 'csv');
INSERT INTO good SELECT * FROM fruit;
SELECT * FROM good;
SELECT raw, `position`, reason <> '' AS has_reason, source LIKE '%bad.csv' AS from_file FROM rejected;
