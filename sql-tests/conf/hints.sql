-- title: Hints that change nothing in the result
-- features: hints

CREATE TABLE src (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/src', 'format' = 'csv');
INSERT INTO src VALUES (1, 'x'), (2, 'y');
SELECT /*+ STATE_TTL('src' = '1d') */ a, COUNT(*) AS n FROM src GROUP BY a;
SELECT /*+ STATE_TTL('s' = '1d') */ DISTINCT a FROM src AS s;
