-- title: columns of one name, without and with an order that is computed
-- features: select.names
CREATE TABLE t (id INT, other TIMESTAMP(3), ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/computed_time.csv', 'format' = 'csv');
SELECT id, id, id FROM t WHERE id = 1;
SELECT id, other AS id, ts AS id FROM t ORDER BY ts;
SELECT id, other AS id, other AS id0, other AS id1 FROM t ORDER BY EXTRACT(DAY FROM ts) + 1 LIMIT 1;
SELECT 1, 2 AS id, id FROM t ORDER BY ts;
SELECT id, other AS id FROM t ORDER BY ts;
