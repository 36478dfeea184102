-- title: An aggregate over an expression of CLASSIFIER()
-- features: MATCH_RECOGNIZE
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES SUM(CHAR_LENGTH(CLASSIFIER())) AS x PATTERN (A B) DEFINE A AS A.kind = 'a');
