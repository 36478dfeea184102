-- title: An interval join takes no updates
-- features: interval join, error

CREATE TABLE l (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/l', 'format' = 'json');
CREATE TABLE r (k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/r', 'format' = 'json');
SELECT l.k, r.n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS rn FROM l) AS l JOIN (SELECT ts, k AS n FROM r) AS r ON l.rn = 1 AND l.k = r.n AND r.ts BETWEEN l.ts AND l.ts + INTERVAL '1' HOUR;
