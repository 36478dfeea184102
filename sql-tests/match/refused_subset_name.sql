-- title: A subset called as a variable
-- features: MATCH_RECOGNIZE
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS x PATTERN (A B) SUBSET A = (B) DEFINE A AS A.kind = 'a');
