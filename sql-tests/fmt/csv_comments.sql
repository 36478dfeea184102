-- title: CSV with comments: empty lines are none, and blanks in front of a record do not count
-- features: csv format
-- compare: changelog

CREATE TABLE c (a STRING, b STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/comments.csv', 'format' = 'csv', 'csv.allow-comments' = 'true', 'csv.ignore-parse-errors' = 'true');
SELECT a || '|' AS a, b || '|' AS b FROM c;
CREATE TABLE d (a STRING, b STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/comments.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
SELECT a || '|' AS a, b || '|' AS b FROM d;
CREATE TABLE e (a STRING, b STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/comments.csv', 'format' = 'csv', 'csv.allow-comments' = 'true', 'csv.ignore-parse-errors' = 'true', 'csv.field-delimiter' = '\t');
SELECT a || '|' AS a, b || '|' AS b FROM e;
