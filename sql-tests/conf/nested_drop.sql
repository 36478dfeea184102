-- title: Rows with NULL inside of a value are dropped
-- features: constraints of sinks
-- compare: final

SET 'table.exec.sink.nested-constraint-enforcer' = 'ROWS_AND_COLLECTIONS';
SET 'table.exec.sink.not-null-enforcer' = 'DROP';
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'raw');
INSERT INTO text VALUES
  ('{"k":1,"r":{"a":1,"q":{"z":1}},"arr":[1],"m":{"ab":1},"n":[{"x":1}]}'),
  ('{"k":2,"r":{"a":null,"q":null},"arr":[1],"m":{"ab":1},"n":[{"x":1}]}'),
  ('{"k":3,"r":{"a":1,"q":{"z":null}},"arr":[1],"m":{"ab":1},"n":[{"x":1}]}'),
  ('{"k":4,"r":{"a":1,"q":null},"arr":[1],"m":{"ab":1},"n":[{"x":1}]}'),
  ('{"k":5,"r":null,"arr":[1,null],"m":{"ab":1},"n":[{"x":1}]}'),
  ('{"k":6,"r":null,"arr":[1],"m":{"ab":null},"n":[{"x":1}]}'),
  ('{"k":7,"r":null,"arr":[1],"m":{"ab":1},"n":[{"x":null}]}'),
  ('{"k":8,"r":null,"arr":[1],"m":null,"n":[null]}');
CREATE TABLE src (k INT, r ROW<a INT, q ROW<z INT>>, arr ARRAY<INT>, m MAP<STRING, INT>, n ARRAY<ROW<x INT>>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'json');
CREATE TABLE res (k INT, r ROW<a INT NOT NULL, q ROW<z INT NOT NULL>>, arr ARRAY<INT NOT NULL>, m MAP<STRING, INT NOT NULL>, n ARRAY<ROW<x INT NOT NULL>>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/out', 'format' = 'json');
INSERT INTO res SELECT * FROM src;
SELECT * FROM res;
