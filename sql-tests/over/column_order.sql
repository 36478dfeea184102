-- title: The order of a column that is no time attribute: results are updated
-- features: OVER, updating
-- compare: changelog

CREATE TABLE p (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, v, SUM(v) OVER w AS a, COUNT(*) OVER w AS b FROM p WINDOW w AS (PARTITION BY k ORDER BY v);
SELECT k, v, SUM(v) OVER w AS a, COUNT(*) OVER w AS b FROM p WINDOW w AS (PARTITION BY k ORDER BY s);
SELECT k, v, SUM(v) OVER (PARTITION BY k ORDER BY s ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS a FROM p;
SELECT k, v, SUM(v) OVER (ORDER BY v) AS a FROM p;
SELECT k, v, SUM(v) OVER (PARTITION BY k ORDER BY v NULLS LAST) AS a FROM p;
SELECT k, v, s, RANK() OVER w AS a, DENSE_RANK() OVER w AS b FROM p WINDOW w AS (PARTITION BY k ORDER BY s);
SELECT k, v, s, ROW_NUMBER() OVER (PARTITION BY k ORDER BY s) AS a FROM p;
SELECT k, v, s, AVG(v) OVER w AS a, AVG(d) OVER w AS b, LISTAGG(s) OVER w AS c, MIN(v) OVER w AS e FROM p WINDOW w AS (PARTITION BY k ORDER BY s);
SELECT k, v, COUNT(k) OVER (PARTITION BY k ORDER BY k) AS a FROM p;
SELECT k, v, SUM(v) OVER (PARTITION BY k ORDER BY ts + INTERVAL '1' SECOND) AS a FROM p;
