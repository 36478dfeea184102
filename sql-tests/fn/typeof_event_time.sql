-- title: TYPEOF of an event time is its plain type
-- features: TYPEOF

CREATE TABLE s (id INT, ts TIMESTAMP(3), lt AS TO_TIMESTAMP_LTZ(id, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/s', 'format' = 'json');
INSERT INTO s VALUES (2, TIMESTAMP '2024-01-01 00:00:11');
SELECT TYPEOF(ts) AS a, TYPEOF(lt) AS b FROM s;
SELECT TYPEOF(m) AS a FROM (SELECT id, MAX(ts) AS m FROM s GROUP BY id);
