-- title: No window join over processing time
-- features: window join, PROCTIME, error

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/l', 'format' = 'json');
CREATE TABLE r (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/r', 'format' = 'json');
CREATE VIEW lp AS SELECT *, PROCTIME() AS p FROM l;
CREATE VIEW rp AS SELECT *, PROCTIME() AS p FROM r;
SELECT a.k, b.k AS bk FROM TABLE(TUMBLE(TABLE lp, DESCRIPTOR(p), INTERVAL '1' MINUTE)) AS a JOIN TABLE(TUMBLE(TABLE rp, DESCRIPTOR(p), INTERVAL '1' MINUTE)) AS b ON a.k = b.k AND a.window_start = b.window_start AND a.window_end = b.window_end;
