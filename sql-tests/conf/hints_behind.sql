-- title: Hints of a SELECT behind a table, and hints that find nothing to apply to, mean nothing
-- features: hints
-- compare: final

CREATE TABLE src (a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/src', 'format' = 'csv');
INSERT INTO src VALUES (1, 'x'), (2, 'y');
CREATE VIEW w AS SELECT a, b FROM src;
SELECT a, COUNT(*) AS n FROM src /*+ STATE_TTL('src' = '1d') */ GROUP BY a;
SELECT a, b FROM src /*+ STATE_TTL('nope' = '1d'), LOOKUP('table' = 'src') */;
SELECT a, b FROM src /*+ BROADCAST(nope) */ WHERE a > 1;
SELECT a, b FROM w /*+ STATE_TTL('nope' = '1d') */;
SELECT /*+ STATE_TTL('nope' = '1d') */ a FROM src;
SELECT /*+ LOOKUP('table' = 'nope') */ a FROM src;
SELECT /*+ BROADCAST(nope) */ a, COUNT(*) AS n FROM src GROUP BY a;
SELECT /*+ OPTIONS('csv.null-literal' = '') */ a, b FROM src;
SELECT /*+ BROADCAST(s), SHUFFLE_HASH(t) */ s.a, t.b FROM src AS s JOIN src AS t ON s.a = t.a;
SELECT /*+ NEST_LOOP(s), SHUFFLE_MERGE(t, s) */ s.a, t.b FROM src AS s JOIN src AS t ON s.a = t.a;
SELECT a, b FROM src /*+ OPTIONS('csv.null-literal' = '') */;
