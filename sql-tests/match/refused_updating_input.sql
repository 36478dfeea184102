-- title: An updating input is refused
-- features: MATCH_RECOGNIZE, errors
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM (SELECT ts, COUNT(*) AS c FROM ev GROUP BY ts) MATCH_RECOGNIZE (ORDER BY ts MEASURES A.c AS x PATTERN (A B) DEFINE A AS A.c > 0);
