-- title: Interval joins in processing time: what waits at the end of the input never comes out
-- features: interval join, PROCTIME
-- compare: final

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/l', 'format' = 'json');
CREATE TABLE r (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/r', 'format' = 'json');
INSERT INTO l VALUES (1, TIMESTAMP '2024-01-01 00:00:00.000'), (2, TIMESTAMP '2024-01-01 00:05:00.000');
INSERT INTO r VALUES (1, TIMESTAMP '2024-01-01 00:00:00.000'), (2, TIMESTAMP '2024-01-01 00:04:59.999');
CREATE VIEW lp AS SELECT *, PROCTIME() AS p FROM l;
CREATE VIEW rp AS SELECT *, PROCTIME() AS p FROM r;
SELECT a.k, b.k AS bk FROM lp AS a JOIN rp AS b ON a.k = b.k AND b.p BETWEEN a.p - INTERVAL '1' HOUR AND a.p + INTERVAL '1' HOUR;
SELECT a.k, b.k AS bk FROM lp AS a FULL JOIN rp AS b ON a.k = b.k AND b.p BETWEEN a.p - INTERVAL '1' HOUR AND a.p + INTERVAL '1' HOUR;
