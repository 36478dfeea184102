-- title: An aggregate over two variables
-- features: MATCH_RECOGNIZE, errors
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES SUM(A.id + B.id) AS x, B.id AS y PATTERN (A+ B) DEFINE A AS A.kind = 'a');
