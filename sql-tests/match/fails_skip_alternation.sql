-- title: SKIP TO a variable that the match has no row of
-- features: MATCH_RECOGNIZE, AFTER MATCH
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
INSERT INTO ev VALUES (1, 'a', TIMESTAMP '2024-01-01 00:00:01'), (2, 'b', TIMESTAMP '2024-01-01 00:00:02'), (3, 'c', TIMESTAMP '2024-01-01 00:00:03');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS a AFTER MATCH SKIP TO B PATTERN (A (B | C)) DEFINE A AS A.kind = 'b', C AS C.kind = 'c', B AS B.kind = 'b');
