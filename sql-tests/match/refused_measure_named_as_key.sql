-- title: A measure named as a partition column
-- features: MATCH_RECOGNIZE, errors
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
SELECT * FROM ev MATCH_RECOGNIZE (PARTITION BY kind ORDER BY ts MEASURES A.id AS kind PATTERN (A) DEFINE A AS A.kind = 'a');
