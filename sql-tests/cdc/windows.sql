-- title: Windows over a changelog: SESSION, TUMBLE, HOP, CUMULATE take rows away again
-- features: debezium-json, window TVF, SESSION, retraction
-- compare: changelog

CREATE TABLE s (k INT, t TIMESTAMP(3), v INT, WATERMARK FOR t AS t - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/events_debezium.json', 'format' = 'debezium-json');
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS s, MAX(v) AS m, COUNT(DISTINCT v) AS d FROM TABLE(SESSION(TABLE s PARTITION BY k, DESCRIPTOR(t), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end;
SELECT window_start, window_end, COUNT(*) AS n, SUM(v) AS s FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '10' SECOND)) GROUP BY window_start, window_end;
SELECT window_start, window_end, COUNT(*) AS n, SUM(v) AS s FROM TABLE(HOP(TABLE s, DESCRIPTOR(t), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end;
SELECT k, window_start, window_end, COUNT(*) AS n, SUM(v) AS s FROM TABLE(CUMULATE(TABLE s, DESCRIPTOR(t), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end;
SELECT k, SESSION_START(t, INTERVAL '10' SECOND) AS a, SESSION_END(t, INTERVAL '10' SECOND) AS e, COUNT(*) AS n, SUM(v) AS s FROM s GROUP BY k, SESSION(t, INTERVAL '10' SECOND);
SELECT k, t, window_start, v FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(t), INTERVAL '10' SECOND));
