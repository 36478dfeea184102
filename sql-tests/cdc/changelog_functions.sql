-- title: TO_CHANGELOG and FROM_CHANGELOG: changes as rows, rows as changes
-- features: TO_CHANGELOG, FROM_CHANGELOG
-- compare: changelog

CREATE TABLE stock (id INT, name STRING, qty INT, weight DOUBLE, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_debezium.json', 'format' = 'debezium-json');
CREATE VIEW bands AS SELECT qty > 10 AS big, COUNT(*) AS n, SUM(qty) AS q FROM stock GROUP BY qty > 10;
SELECT * FROM TO_CHANGELOG(TABLE bands);
SELECT * FROM TO_CHANGELOG(input => TABLE bands PARTITION BY n, op => DESCRIPTOR(kind), op_mapping => MAP['INSERT, UPDATE_AFTER', 'put', 'DELETE', 'del']);
SELECT COUNT(*) AS changes FROM TO_CHANGELOG(TABLE bands);
CREATE TABLE codes (c STRING, id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/codes', 'format' = 'json');
INSERT INTO codes VALUES ('c', 1, 'a'), ('r', 2, 'b'), ('ub', 1, 'a'), ('ua', 1, 'x'), ('d', 2, 'b'), ('?', 3, 'z'), ('c', 3, 'c');
SELECT * FROM FROM_CHANGELOG(input => TABLE codes, op => DESCRIPTOR(c), op_mapping => MAP['c, r', 'INSERT', 'ub', 'UPDATE_BEFORE', 'ua', 'UPDATE_AFTER', 'd', 'DELETE'], invalid_op_handling => 'SKIP');
SELECT v, COUNT(*) AS n FROM FROM_CHANGELOG(input => TABLE codes PARTITION BY id, op => DESCRIPTOR(c), op_mapping => MAP['c, r', 'INSERT', 'ua', 'UPDATE_AFTER', 'd', 'DELETE'], invalid_op_handling => 'LOG') GROUP BY v;
CREATE VIEW log AS SELECT op, big, n FROM TO_CHANGELOG(TABLE bands);
SELECT * FROM FROM_CHANGELOG(TABLE log);
SELECT * FROM FROM_CHANGELOG(input => TABLE codes, op => DESCRIPTOR(c), op_mapping => MAP['c, r', 'INSERT', 'ub', 'UPDATE_BEFORE', 'ua', 'UPDATE_AFTER', 'd', 'DELETE']);
