-- title: A window Top-N takes inserts only
-- features: debezium-json, window Top-N
-- compare: changelog

CREATE TABLE s (k INT, t TIMESTAMP(3), v INT, WATERMARK FOR t AS t - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/events_debezium.json', 'format' = 'debezium-json');
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY v) AS rn FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '10' SECOND))) WHERE rn = 1;
