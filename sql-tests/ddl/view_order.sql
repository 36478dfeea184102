-- title: ORDER BY of a view counts where the view is all that a query reads
-- features: ddl.view, order
CREATE TABLE t (id INT, other TIMESTAMP(3), ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/computed_time.csv', 'format' = 'csv');
CREATE VIEW by_time AS SELECT id, other, ts FROM t ORDER BY ts;
CREATE VIEW by_other AS SELECT id, other, ts FROM t ORDER BY other DESC;
SELECT id, ts FROM by_time WHERE id > 1;
TABLE by_time;
SELECT id, COUNT(*) OVER (ORDER BY ts) FROM by_time;
CREATE VIEW over_it AS SELECT id FROM by_time;
SELECT * FROM over_it;
SELECT id FROM (SELECT id FROM by_time);
SELECT id FROM by_other LIMIT 2;
SELECT COUNT(*) FROM by_other;
SELECT DISTINCT id FROM by_other;
SELECT id FROM by_other ORDER BY ts;
SELECT id FROM by_other UNION ALL SELECT id FROM by_other;
SELECT a.id FROM by_other AS a JOIN by_other AS b ON a.id = b.id;
SELECT id FROM by_other;
