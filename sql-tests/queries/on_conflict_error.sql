-- title: ON CONFLICT DO ERROR: one row of a key at any moment
-- features: ON CONFLICT
-- compare: changelog

CREATE TABLE stock (id INT, name STRING, qty INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_debezium.json', 'format' = 'debezium-json');
CREATE TABLE names (name STRING, qty INT, PRIMARY KEY (name) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO names SELECT name, qty FROM stock WHERE name IS NOT NULL ON CONFLICT DO ERROR;
INSERT INTO names VALUES ('a', 1), ('b', 1) ON CONFLICT DO ERROR;
CREATE TABLE res (big BOOLEAN, name STRING, PRIMARY KEY (big) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO res SELECT qty > 10, name FROM stock WHERE qty IS NOT NULL ON CONFLICT DO ERROR;
