-- title: A temporal join with a versioned table that is a changelog: updates, deletes, late versions
-- features: temporal join, debezium-json
-- compare: final

CREATE TABLE lines (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/v', 'format' = 'raw');
CREATE TABLE l (n INT, k INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/l', 'format' = 'json');
CREATE TABLE v (k INT, label STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${tmp}/v', 'format' = 'debezium-json');
INSERT INTO l VALUES (1, 1, TIMESTAMP '2024-01-01 00:00:05'), (2, 1, TIMESTAMP '2024-01-01 00:00:15'), (3, 2, TIMESTAMP '2024-01-01 00:00:16'), (4, 1, TIMESTAMP '2024-01-01 00:00:30'), (5, 2, TIMESTAMP '2024-01-01 00:00:45'), (6, 1, TIMESTAMP '2024-01-01 00:00:50');
INSERT INTO lines VALUES
('{"before":null,"after":{"k":1,"label":"a","ts":"2024-01-01 00:00:01"},"op":"c"}'),
('{"before":null,"after":{"k":2,"label":"x","ts":"2024-01-01 00:00:02"},"op":"c"}'),
('{"before":{"k":1,"label":"a","ts":"2024-01-01 00:00:01"},"after":{"k":1,"label":"b","ts":"2024-01-01 00:00:10"},"op":"u"}'),
('{"before":{"k":2,"label":"x","ts":"2024-01-01 00:00:20"},"after":null,"op":"d"}'),
('{"before":{"k":1,"label":"b","ts":"2024-01-01 00:00:10"},"after":{"k":1,"label":"c","ts":"2024-01-01 00:00:40"},"op":"u"}'),
('{"before":null,"after":{"k":2,"label":"y","ts":"2024-01-01 00:00:44"},"op":"c"}'),
('{"before":{"k":1,"label":"c","ts":"2024-01-01 00:00:50"},"after":null,"op":"d"}');
SELECT l.n, v.label FROM l LEFT JOIN v FOR SYSTEM_TIME AS OF l.ts AS v ON l.k = v.k;
SELECT l.n, v.label FROM l JOIN v FOR SYSTEM_TIME AS OF l.ts AS v ON l.k = v.k;
