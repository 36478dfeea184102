-- title: Aggregates over the rows of a variable
-- features: MATCH_RECOGNIZE, aggregates
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
SELECT * FROM steps MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES COUNT(*) AS ca, COUNT(A.x) AS c, SUM(A.x) AS su, AVG(A.x) AS av, MIN(A.x) AS mi, MAX(A.x) AS ma, MIN(A.s) AS mis, MAX(A.s) AS mas, SUM(A.x * 2 + 1) AS s2, SUM(x) AS sall, AVG(CAST(A.x AS DOUBLE)) AS ad, AVG(CAST(A.x AS DECIMAL(10, 2))) AS de, SUM(A.x) + COUNT(A.id) AS mix ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A+ B) DEFINE A AS A.x >= 2);
SELECT * FROM steps MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES LISTAGG(A.s) AS la, LISTAGG(B.s, '-') AS lb, COUNT(B.id) AS n, SUM(B.x) AS sb, FIRST_VALUE(B.id) AS fv, LAST_VALUE(A.id) AS lv, STDDEV_POP(CAST(A.x AS DOUBLE)) AS sd, MIN(B.ts) AS mt, COLLECT(A.x) AS co ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (A{3} B*? C) DEFINE C AS C.s = 'w');
