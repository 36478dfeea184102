-- title: Rows with NULL inside of a row are dropped, collections are not looked at
-- features: constraints of sinks
-- compare: final

SET 'table.exec.sink.nested-constraint-enforcer' = 'ROWS';
SET 'table.exec.sink.not-null-enforcer' = 'DROP';
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'raw');
INSERT INTO text VALUES
  ('{"k":1,"r":{"a":1},"arr":[null]}'),
  ('{"k":2,"r":{"a":null},"arr":[1]}');
CREATE TABLE src (k INT, r ROW<a INT>, arr ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'json');
CREATE TABLE res (k INT, r ROW<a INT NOT NULL>, arr ARRAY<INT NOT NULL>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/out', 'format' = 'json');
INSERT INTO res SELECT * FROM src;
SELECT * FROM res;
