-- title: CREATE TABLE IF NOT EXISTS AS writes into the table that is there
-- features: CREATE TABLE AS
-- compare: final

CREATE TABLE src (a INT, b STRING, ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${tmp}/src', 'format' = 'csv');
INSERT INTO src VALUES (1, 'x', TIMESTAMP '2024-01-01 00:00:01'), (2, 'y', TIMESTAMP '2024-01-01 00:00:02');

CREATE TABLE copy WITH ('connector' = 'filesystem', 'path' = '${tmp}/copy', 'format' = 'csv') AS SELECT a FROM src;
CREATE TABLE IF NOT EXISTS copy WITH ('connector' = 'filesystem', 'path' = '${tmp}/other', 'format' = 'csv') AS SELECT a + 10 FROM src;
SELECT * FROM copy;
SHOW CREATE TABLE copy;
