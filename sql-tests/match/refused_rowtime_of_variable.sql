-- title: MATCH_ROWTIME of a variable's other column
-- features: MATCH_RECOGNIZE, errors
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES MATCH_ROWTIME(A.price) AS x PATTERN (A B) DEFINE A AS A.id > 0);
