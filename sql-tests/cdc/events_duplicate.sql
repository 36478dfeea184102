-- title: Events that come twice are dropped by primary key
-- features: debezium-json, table.exec.source.cdc-events-duplicate, ChangelogNormalize
-- compare: changelog
CREATE TABLE stock (id INT, name STRING, qty INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_twice.json', 'format' = 'debezium-json');
SELECT * FROM stock;
SET 'table.exec.source.cdc-events-duplicate' = 'true';
SELECT * FROM stock;
SELECT * FROM stock WHERE qty > 3;
SELECT name FROM stock WHERE qty > 3 AND id < 3;
SELECT id FROM stock;
SELECT qty > 4 AS many, COUNT(*) AS n, SUM(qty) AS q FROM stock WHERE name <> 'x' GROUP BY qty > 4;
SELECT COUNT(*) AS n FROM stock WHERE qty IS NOT NULL;
