-- title: SKIP TO a variable without rows fails when it happens
-- features: MATCH_RECOGNIZE, errors
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
INSERT INTO ev VALUES (1, 'a', 10, TIMESTAMP '2024-01-01 00:00:01.000'), (2, 'b', 20, TIMESTAMP '2024-01-01 00:00:02.000');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS x AFTER MATCH SKIP TO FIRST C PATTERN (A C? B) DEFINE A AS A.kind = 'a', C AS C.kind = 'c');
