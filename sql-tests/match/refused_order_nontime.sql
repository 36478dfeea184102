-- title: ORDER BY a column that is no time attribute
-- features: MATCH_RECOGNIZE, errors
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY id MEASURES A.id AS x PATTERN (A B) DEFINE A AS A.kind = 'a');
