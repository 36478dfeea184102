-- title: RUNNING of two values
-- features: MATCH_RECOGNIZE
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES RUNNING(LAST(A.id), LAST(B.id)) AS x ONE ROW PER MATCH PATTERN (A B+) DEFINE A AS A.kind = 'a');
