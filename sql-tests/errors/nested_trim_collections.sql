-- title: Collections are not cut and padded
-- features: constraints of sinks
-- compare: final

SET 'table.exec.sink.nested-constraint-enforcer' = 'ROWS_AND_COLLECTIONS';
SET 'table.exec.sink.type-length-enforcer' = 'TRIM_PAD';
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'raw');
INSERT INTO text VALUES
  ('{"r":{"a":"abc"}}');
CREATE TABLE src (r ROW<a VARCHAR(2)>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'json');
CREATE TABLE res (r ROW<a VARCHAR(2)>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/out', 'format' = 'json');
INSERT INTO res SELECT * FROM src;
SELECT * FROM res;
