-- title: Constraints inside of values are ignored
-- features: constraints of sinks
-- compare: final

SET 'table.exec.sink.type-length-enforcer' = 'ERROR';
CREATE TABLE text (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'raw');
INSERT INTO text VALUES
  ('{"r":{"b":"abc","c":"xyz","d":{"e":"AAA=","f":"q"}}}');
CREATE TABLE src (r ROW<b VARCHAR(2), c CHAR(3), d ROW<e BINARY(2), f VARCHAR(1)>>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/in', 'format' = 'json');
CREATE TABLE res (r ROW<b VARCHAR(2), c CHAR(3), d ROW<e BINARY(2), f VARCHAR(1)>>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/out', 'format' = 'json');
INSERT INTO res SELECT * FROM src;
SELECT * FROM res;
