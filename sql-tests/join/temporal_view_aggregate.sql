-- title: The versions of a view with GROUP BY: its key is that of the groups, its time an aggregate of an event time
-- features: temporal join, versioned view, GROUP BY

CREATE TABLE o (id INT, cur STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/a', 'format' = 'csv');
CREATE TABLE r (cur STRING, rate INT, rt TIMESTAMP(3), WATERMARK FOR rt AS rt) WITH ('connector' = 'filesystem', 'path' = '${tmp}/b', 'format' = 'csv');
INSERT INTO o VALUES (1, 'a', TIMESTAMP '2024-01-01 00:00:01'), (2, 'b', TIMESTAMP '2024-01-01 00:00:02'), (3, 'a', TIMESTAMP '2024-01-01 00:00:11'), (4, 'b', TIMESTAMP '2024-01-01 00:00:12');
INSERT INTO r VALUES ('a', 1, TIMESTAMP '2024-01-01 00:00:00'), ('a', 3, TIMESTAMP '2024-01-01 00:00:05'), ('b', 2, TIMESTAMP '2024-01-01 00:00:06');
CREATE VIEW newest AS SELECT cur, LAST_VALUE(rate) AS rate, LAST_VALUE(rt) AS rt FROM r GROUP BY cur;
SELECT o.id, v.rate, v.rt FROM o LEFT JOIN newest FOR SYSTEM_TIME AS OF o.ts AS v ON o.cur = v.cur;
CREATE VIEW counted AS SELECT cur, COUNT(*) AS n, MAX(rt) AS rt FROM r GROUP BY cur;
SELECT o.id, v.n FROM o JOIN counted FOR SYSTEM_TIME AS OF o.ts AS v ON o.cur = v.cur;
CREATE VIEW doubled AS SELECT cur, rate * 2 AS twice, MAX(rt) AS rt FROM r GROUP BY cur, rate;
SELECT o.id FROM o JOIN doubled FOR SYSTEM_TIME AS OF o.ts AS v ON o.cur = v.cur;
