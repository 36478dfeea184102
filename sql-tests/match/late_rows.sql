-- title: Rows behind the watermark take no part
-- features: MATCH_RECOGNIZE, late rows
-- compare: changelog

CREATE TABLE steps (
  id INT,
  k STRING,
  ts TIMESTAMP(3),
  x INT,
  s STRING,
  WATERMARK FOR ts AS ts - INTERVAL '0.5' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/steps.csv',
  'format' = 'csv'
);
SELECT * FROM steps MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES A.id AS a, A.ts AS ats ONE ROW PER MATCH PATTERN (A) DEFINE A AS A.id > 0);
SELECT * FROM steps MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES A.id AS a, B.id AS b ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS B.ts < A.ts + INTERVAL '2' SECOND);
SELECT * FROM steps MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS a, COUNT(B.id) AS n, C.id AS c ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A B+ C) DEFINE B AS B.x >= A.x, C AS C.x < A.x);
