-- title: The plan of a statement set: the common scan is there once
-- features: statement set, EXPLAIN

CREATE TABLE orders (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '/in/orders.csv', 'format' = 'csv');
CREATE TABLE a (id INT, v STRING) WITH ('connector' = 'blackhole');
CREATE TABLE b (id INT, n BIGINT) WITH ('connector' = 'blackhole');
EXPLAIN STATEMENT SET BEGIN
INSERT INTO a SELECT id, UPPER(v) FROM orders WHERE id > 2;
INSERT INTO b SELECT id, COUNT(*) FROM orders GROUP BY id;
END;
