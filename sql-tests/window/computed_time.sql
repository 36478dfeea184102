-- title: what is computed from a time attribute is shown as one, and a group window takes it
-- features: ddl.view.describe, window.group
CREATE TABLE t (id INT, ts TIMESTAMP(3), other TIMESTAMP(3), micros TIMESTAMP(6), p AS PROCTIME(),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
CREATE VIEW v AS SELECT
  COALESCE(ts, other) AS a, COALESCE(other, ts) AS b, COALESCE(ts, micros) AS c, NULLIF(ts, other) AS d, IFNULL(other, ts) AS e,
  CASE WHEN id > 1 THEN ts ELSE other END AS f, CASE WHEN id > 1 THEN other ELSE ts END AS g, CASE WHEN id > 1 THEN ts END AS h,
  CASE WHEN id > 1 THEN NULL ELSE ts END AS i, IF(id > 1, ts, other) AS j, IF(id > 1, other, ts) AS k,
  GREATEST(other, ts) AS l, LEAST(ts, other) AS m, FLOOR(ts TO DAY) AS n, ts - INTERVAL '1' DAY AS o, INTERVAL '1' DAY + ts AS q,
  TIMESTAMPADD(MONTH, 1, ts) AS r, CAST(ts AS TIMESTAMP(3)) AS s, COALESCE(p, p) AS u, p + INTERVAL '1' DAY AS w, (ts) AS x FROM t;
DESCRIBE v;
CREATE VIEW aggregated AS SELECT MAX(ts) AS a, MIN(COALESCE(ts, other)) AS b, LAST_VALUE(p) AS c FROM t;
DESCRIBE aggregated;
CREATE VIEW united AS SELECT ts AS a, other AS b FROM t UNION ALL SELECT other, ts FROM t;
DESCRIBE united;
CREATE TABLE orders (id INT, ts TIMESTAMP(3), other TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/computed_time.csv', 'format' = 'csv');
CREATE VIEW shifted AS SELECT id, ts + INTERVAL '8' HOUR AS local_time FROM orders;
SELECT TUMBLE_START(local_time, INTERVAL '1' MINUTE), TUMBLE_ROWTIME(local_time, INTERVAL '1' MINUTE), COUNT(*) FROM shifted
  GROUP BY TUMBLE(local_time, INTERVAL '1' MINUTE);
SELECT TUMBLE_START(ts - INTERVAL '8' HOUR, INTERVAL '1' MINUTE), COUNT(*) FROM orders GROUP BY TUMBLE(ts - INTERVAL '8' HOUR, INTERVAL '1' MINUTE);
SELECT SESSION_END(FLOOR(ts TO MINUTE), INTERVAL '1' SECOND), COUNT(*) FROM orders GROUP BY SESSION(FLOOR(ts TO MINUTE), INTERVAL '1' SECOND);
SELECT TUMBLE_START(x, INTERVAL '2' MINUTE), COUNT(*) FROM (SELECT ts AS x FROM orders UNION ALL SELECT other FROM orders)
  GROUP BY TUMBLE(x, INTERVAL '2' MINUTE);
SELECT a.id, COUNT(*) FROM shifted AS a JOIN orders AS b ON a.id = b.id GROUP BY a.id, TUMBLE(local_time, INTERVAL '1' MINUTE);
SELECT CURRENT_WATERMARK(COALESCE(other, ts)) FROM orders;
