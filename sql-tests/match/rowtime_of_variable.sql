-- title: MATCH_ROWTIME of a variable's time attribute
-- features: MATCH_RECOGNIZE
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
INSERT INTO ev VALUES (1, 'a', 10, TIMESTAMP '2024-01-01 00:00:01'), (2, 'b', 20, TIMESTAMP '2024-01-01 00:00:02'), (3, 'b', 30, TIMESTAMP '2024-01-01 00:00:03'), (4, 'c', 40, TIMESTAMP '2024-01-01 00:00:04');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES MATCH_ROWTIME(A.ts) AS a, MATCH_ROWTIME(B.ts) AS b, MATCH_ROWTIME(ts) AS t PATTERN (A B+ C) DEFINE A AS A.kind = 'a', B AS B.kind = 'b');
