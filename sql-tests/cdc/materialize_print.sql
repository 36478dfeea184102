-- title: A sink whose primary key is not the key of the query's updates is given the last row of each key
-- features: upsert-materialize, print
-- compare: changelog
CREATE TABLE stock (id INT, name STRING, qty INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_debezium.json', 'format' = 'debezium-json');
CREATE TABLE out1 (big BOOLEAN, name STRING, PRIMARY KEY (big) NOT ENFORCED) WITH ('connector' = 'print');
INSERT INTO out1 SELECT qty > 10, name FROM stock WHERE qty IS NOT NULL;
SET 'table.exec.sink.upsert-materialize' = 'none';
INSERT INTO out1 SELECT qty > 10, name FROM stock WHERE qty IS NOT NULL;
SET 'table.exec.sink.upsert-materialize' = 'force';
INSERT INTO out1 SELECT qty > 10, MAX(name) FROM stock WHERE qty IS NOT NULL GROUP BY qty > 10;
INSERT INTO out1 VALUES (TRUE, 'a'), (FALSE, 'b'), (TRUE, 'c');
CREATE TABLE log (big BOOLEAN, name STRING, PRIMARY KEY (big) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${tmp}/log', 'format' = 'canal-json');
INSERT INTO log SELECT qty > 10, name FROM stock WHERE qty IS NOT NULL;
CREATE TABLE txt (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/log', 'format' = 'raw');
SELECT * FROM txt;
