-- title: A condition over versions forgets none of those that newer ones replaced
-- features: temporal join, versioned view, HAVING

CREATE TABLE o (id INT, cur STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/a', 'format' = 'csv');
CREATE TABLE r (cur STRING, rate INT, rt TIMESTAMP(3), WATERMARK FOR rt AS rt) WITH ('connector' = 'filesystem', 'path' = '${tmp}/b', 'format' = 'csv');
INSERT INTO o VALUES (1, 'a', TIMESTAMP '2024-01-01 00:00:01'), (3, 'a', TIMESTAMP '2024-01-01 00:00:11');
INSERT INTO r VALUES ('a', 1, TIMESTAMP '2024-01-01 00:00:00'), ('a', 3, TIMESTAMP '2024-01-01 00:00:05');
CREATE VIEW positive AS SELECT cur, SUM(rate) AS rate, MAX(rt) AS rt FROM r GROUP BY cur HAVING SUM(rate) > 0;
SELECT o.id, v.rate FROM o LEFT JOIN positive FOR SYSTEM_TIME AS OF o.ts AS v ON o.cur = v.cur;
