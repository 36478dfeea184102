-- title: JSON lines that cannot be read go to the errors table, the others to the result
-- features: errors.table, json
-- compare: final

CREATE TABLE rejected (raw STRING, reason STRING, source STRING, `position` BIGINT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/rejected', 'format' = 'json');
CREATE TABLE fruit (id INT, name STRING, tags ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bad.json', 'format' = 'json', 'errors.table' = 'rejected');
CREATE TABLE good (id INT, name STRING, tags ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/good', 'format' = 'json');
INSERT INTO good SELECT * FROM fruit;
SELECT * FROM good;
SELECT raw, `position`, reason <> '' AS has_reason, source LIKE '%bad.json' AS from_file FROM rejected;
