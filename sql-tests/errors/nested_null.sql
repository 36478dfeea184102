-- title: NULL inside of a row
-- features: constraints of sinks
-- compare: final

SET 'table.exec.sink.nested-constraint-enforcer' = 'ROWS';
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'raw');
INSERT INTO text VALUES
  ('{"k":1,"r":{"a":null}}');
CREATE TABLE src (k INT, r ROW<a INT>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'json');
CREATE TABLE res (k INT, r ROW<a INT NOT NULL>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/out', 'format' = 'json');
INSERT INTO res SELECT * FROM src;
SELECT * FROM res;
