-- title: Debezium with ignore-parse-errors: bad records are skipped, bad fields are NULL
-- features: debezium-json, ignore-parse-errors
-- compare: changelog

CREATE TABLE stock (id INT, name STRING, qty INT) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_bad_debezium.json', 'format' = 'debezium-json', 'debezium-json.ignore-parse-errors' = 'true');
SELECT * FROM stock;
SELECT COUNT(*) AS n, SUM(qty) AS q FROM stock;
