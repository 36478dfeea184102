-- title: a LEFT or RIGHT JOIN of which one side is read, that finds at most one row by a key of the other, is no join
-- features: join.outer, changelog
CREATE TABLE stock (id INT, name STRING, qty INT, PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_debezium.json', 'format' = 'debezium-json');
CREATE TABLE orders (order_id BIGINT, user_id INT, product STRING, amount DECIMAL(10, 2), qty INT, status STRING, ts TIMESTAMP(3))
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/orders.csv', 'format' = 'csv', 'csv.null-literal' = '');
CREATE VIEW per_user AS SELECT user_id, COUNT(*) AS n FROM orders GROUP BY user_id;
SELECT s.id, s.qty FROM stock AS s LEFT JOIN stock AS t ON s.qty = t.id;
SELECT s.id, s.qty FROM stock AS s LEFT JOIN stock AS t ON s.qty = t.id AND t.qty > s.id WHERE s.qty > 4;
SELECT t.id, t.name FROM stock AS s RIGHT JOIN stock AS t ON t.qty = s.id;
SELECT DISTINCT s.id FROM stock AS s LEFT JOIN stock AS t ON s.qty = t.id;
SELECT s.qty, COUNT(*) AS n FROM stock AS s LEFT JOIN per_user AS u ON s.id = u.user_id GROUP BY s.qty;
SELECT order_id FROM orders AS o LEFT JOIN (SELECT DISTINCT user_id FROM orders) AS u ON o.user_id = u.user_id WHERE order_id < 5;
