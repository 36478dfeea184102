-- title: An update without the row before it
-- features: debezium-json, REPLICA IDENTITY
-- compare: changelog

CREATE TABLE stock (id INT, name STRING, qty INT) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_no_before.json', 'format' = 'debezium-json');
SELECT * FROM stock;
