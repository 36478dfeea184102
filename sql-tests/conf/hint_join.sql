-- title: STATE_TTL for the sides of a join
-- features: hints
-- compare: final

CREATE TABLE src (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/src', 'format' = 'csv');
INSERT INTO src VALUES (1, 'x'), (2, 'y');
SELECT /*+ STATE_TTL('x' = '1d', 'y' = '2h') */ x.a, y.b FROM src AS x JOIN src AS y ON x.a = y.a;
