-- title: COUNT of what is never NULL counts rows; what it does not read changes nothing, unless nothing is read at all
-- features: agg.count, changelog
CREATE TABLE orders (order_id BIGINT NOT NULL, user_id BIGINT, product STRING, amount DECIMAL(10, 2), qty INT, status STRING, ts TIMESTAMP(3))
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/orders.csv', 'format' = 'csv', 'csv.null-literal' = '');
CREATE VIEW per_product AS SELECT user_id, product, COUNT(*) AS n, SUM(qty) AS q FROM orders GROUP BY user_id, product;
SELECT user_id, COUNT(n), COUNT(COALESCE(q, 0)) FROM per_product GROUP BY user_id;
SELECT user_id, COUNT(n) FILTER (WHERE product > 'b'), COUNT(q) FROM per_product GROUP BY user_id;
SELECT user_id FROM per_product GROUP BY user_id HAVING COUNT(n + 1) > 1;
SELECT COUNT(*) FROM per_product;
SELECT COUNT(n), COUNT(1) FROM per_product;
SELECT COUNT(n), MAX(product) FROM per_product;
SELECT COUNT(order_id, qty), COUNT(order_id, 1), COUNT(qty, order_id) FILTER (WHERE user_id > 1) FROM orders;
SELECT COUNT(DISTINCT order_id, qty) FROM orders;
