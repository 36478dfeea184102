-- title: ORDER BY time takes inserts only
-- features: debezium-json, ORDER BY
-- compare: changelog

CREATE TABLE s (k INT, t TIMESTAMP(3), v INT, WATERMARK FOR t AS t - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/events_debezium.json', 'format' = 'debezium-json');
SELECT * FROM s ORDER BY t;
