-- title: Functions over the default frame; peers, NULLs, a NULL key
-- features: OVER, RANGE, LAG, RANK
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, v, LAG(v) OVER w AS l, LAG(v, 0) OVER w AS l0, LAG(s, 2, CAST(NULL AS STRING)) OVER w AS l2, LAG(v, 1, v * 10) OVER w AS ld, COUNT(*) OVER w AS n FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
SELECT k, v, FIRST_VALUE(v) OVER w AS f, LAST_VALUE(v) OVER w AS l, MIN(v) OVER w AS mi, MAX(s) OVER w AS ma, AVG(v) OVER w AS av FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
SELECT k, v, COUNT(DISTINCT s) OVER w AS a, SUM(DISTINCT v) OVER w AS b, COUNT(v) OVER w AS c FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
SELECT k, v, LISTAGG(s) OVER w AS a, LISTAGG(s, '+') OVER w AS b, COLLECT(s) OVER w AS c, ARRAY_AGG(s) OVER w AS e FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
SELECT k, v, RANK() OVER w AS r, DENSE_RANK() OVER w AS e, SUM(1) OVER w AS c1, MAX('q') OVER w AS c2 FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
SELECT k, v, ROW_NUMBER() OVER w AS r FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
SELECT k, v, LAG(v) IGNORE NULLS OVER w AS l, LAG(v, 12) OVER w AS far FROM p WINDOW w AS (PARTITION BY k ORDER BY ts);
