-- title: An aggregate without a variable
-- features: MATCH_RECOGNIZE, errors
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES COUNT(1) AS x PATTERN (A{2}) DEFINE A AS A.kind = 'a');
