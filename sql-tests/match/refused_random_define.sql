-- title: A condition with another answer each time, in a search that asks again
-- features: MATCH_RECOGNIZE
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS x PATTERN (A B+) DEFINE A AS RAND() > 0.5);
