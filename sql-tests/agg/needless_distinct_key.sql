-- title: DISTINCT and GROUP BY by the primary key of a table are projections
-- features: agg.distinct, cdc
CREATE TABLE stock (id INT, name STRING, qty INT, PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_debezium.json', 'format' = 'debezium-json');
SELECT DISTINCT id FROM stock;
SELECT DISTINCT id, qty FROM stock WHERE qty > 5;
SELECT id, MAX(qty), MIN(name) FROM stock GROUP BY id;
SELECT id, COUNT(*) FROM stock GROUP BY id;
SELECT DISTINCT name FROM stock;
-- The watermark takes the key away.
CREATE TABLE timed (id INT, other TIMESTAMP(3), ts TIMESTAMP(3), PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/computed_time.csv', 'format' = 'csv');
SELECT id, MAX(other) FROM timed GROUP BY id;
