-- title: Several partition columns, filters above, no partition
-- features: MATCH_RECOGNIZE, PARTITION BY
-- compare: changelog

CREATE TABLE steps (
  id INT,
  k STRING,
  ts TIMESTAMP(3),
  x INT,
  s STRING,
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/steps.csv',
  'format' = 'csv'
);
SELECT * FROM steps MATCH_RECOGNIZE (PARTITION BY k, s ORDER BY ts MEASURES A.id AS a, B.id AS b ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS B.x > A.x);
SELECT b, k FROM steps MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES A.id AS a, B.id AS b ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS B.x > A.x) WHERE k <> 'q' AND b > 20;
SELECT * FROM steps MATCH_RECOGNIZE (ORDER BY ts MEASURES A.k AS ak, A.id AS a, B.id AS b ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS B.x > A.x);
SELECT * FROM (SELECT id, NULLIF(k, 'p') AS n, x, ts FROM steps) MATCH_RECOGNIZE (PARTITION BY n ORDER BY ts MEASURES A.id AS a, B.id AS b ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (A B) DEFINE B AS B.x > A.x);
