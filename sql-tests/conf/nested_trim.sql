-- title: Texts inside of rows are cut and padded
-- features: constraints of sinks
-- compare: final

SET 'table.exec.sink.nested-constraint-enforcer' = 'ROWS';
SET 'table.exec.sink.type-length-enforcer' = 'TRIM_PAD';
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'raw');
INSERT INTO text VALUES
  ('{"r":{"b":"abc","c":"xy","d":{"e":"AAAA","f":"qq"}}}'),
  ('{"r":{"b":"a","c":"xyzw","d":{"e":"AA==","f":""}}}'),
  ('{"r":null}');
CREATE TABLE src (r ROW<b VARCHAR(2), c CHAR(3), d ROW<e BINARY(2), f VARCHAR(1)>>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'json');
CREATE TABLE res (r ROW<b VARCHAR(2), c CHAR(3), d ROW<e BINARY(2), f VARCHAR(1)>>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/out', 'format' = 'json');
INSERT INTO res SELECT * FROM src;
SELECT * FROM res;
