-- title: ON CONFLICT: the first or the last row of a key
-- features: ON CONFLICT
-- compare: changelog

CREATE TABLE stock (id INT, name STRING, qty INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_debezium.json', 'format' = 'debezium-json');
CREATE TABLE res (big BOOLEAN, name STRING, PRIMARY KEY (big) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO res SELECT qty > 10, name FROM stock WHERE qty IS NOT NULL ON CONFLICT DO NOTHING;
INSERT INTO res SELECT qty > 10, name FROM stock WHERE qty IS NOT NULL ON CONFLICT DO DEDUPLICATE;
INSERT INTO res VALUES (TRUE, 'a'), (TRUE, 'b') ON CONFLICT DO NOTHING;
CREATE TABLE keyless (big BOOLEAN, name STRING) WITH ('connector' = 'print');
INSERT INTO keyless VALUES (TRUE, 'a') ON CONFLICT DO NOTHING;
