-- title: A key is too long
-- features: constraints of sinks
-- compare: final

SET 'table.exec.sink.nested-constraint-enforcer' = 'ROWS_AND_COLLECTIONS';
SET 'table.exec.sink.type-length-enforcer' = 'ERROR';
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'raw');
INSERT INTO text VALUES
  ('{"a":{"abc":"x"}}');
CREATE TABLE src (a MAP<VARCHAR(2), VARCHAR(1)>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'json');
CREATE TABLE res (a MAP<VARCHAR(2), VARCHAR(1)>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/out', 'format' = 'json');
INSERT INTO res SELECT * FROM src;
SELECT * FROM res;
