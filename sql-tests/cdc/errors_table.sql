-- title: Debezium records that stand for no change go to the table of errors
-- features: debezium-json, errors.table
-- compare: changelog

CREATE TABLE bad (raw STRING, reason STRING, source STRING, `position` BIGINT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/bad', 'format' = 'json');
CREATE TABLE stock (id INT, name STRING, qty INT) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_bad_debezium.json', 'format' = 'debezium-json', 'errors.table' = 'bad');
SELECT * FROM stock;
SELECT raw, reason, `position` FROM bad;
