-- title: LATERAL queries: Top-N, aggregates, DISTINCT, conditions other than equality, LEFT JOIN
-- features: LATERAL
-- compare: final

CREATE TABLE orders (
  order_id BIGINT,
  user_id BIGINT,
  product STRING,
  amount DECIMAL(10, 2),
  qty INT,
  status STRING,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/orders.csv',
  'format' = 'csv',
  'csv.null-literal' = ''
);
SELECT product, order_id, qty FROM (SELECT DISTINCT product FROM orders) ps, LATERAL (SELECT order_id, qty FROM orders WHERE product = ps.product ORDER BY qty DESC, order_id LIMIT 2);
SELECT product, order_id FROM (SELECT DISTINCT product FROM orders) ps LEFT JOIN LATERAL (SELECT order_id, qty FROM orders WHERE product = ps.product AND qty > 4 ORDER BY qty DESC, order_id LIMIT 1 OFFSET 1) ON TRUE;
SELECT product, n FROM (SELECT DISTINCT product FROM orders) ps, LATERAL (SELECT COUNT(*) AS n, SUM(qty) AS sm FROM orders WHERE product = ps.product AND qty > 4);
SELECT o.order_id, x.q FROM orders o, LATERAL (SELECT p.qty + o.qty AS q FROM orders p WHERE p.product = o.product AND p.order_id < 5) AS x WHERE o.order_id < 5;
SELECT o.order_id, x.n FROM orders o, LATERAL (SELECT COUNT(*) AS n FROM orders p WHERE p.order_id < o.order_id) AS x WHERE o.order_id < 5;
SELECT product, q FROM (SELECT DISTINCT product FROM orders) ps LEFT JOIN LATERAL (SELECT DISTINCT qty AS q FROM orders WHERE product = ps.product) ON q > 3;
SELECT product, x.order_id, rn FROM (SELECT DISTINCT product FROM orders) ps, LATERAL (SELECT order_id, ROW_NUMBER() OVER (ORDER BY qty DESC, order_id) AS rn FROM orders WHERE product = ps.product) x WHERE rn <= 2;
SELECT o.order_id, x.y FROM orders o, LATERAL (SELECT o.qty + 1 AS y) AS x WHERE o.order_id < 3;
SELECT o.order_id, x.q FROM orders o, LATERAL (VALUES (o.qty), (-1)) AS x(q) WHERE o.order_id < 3;
SELECT o.order_id, x.q FROM orders o, LATERAL (SELECT qty AS q FROM orders p WHERE p.order_id = o.order_id UNION ALL SELECT o.qty * 10 FROM orders p WHERE p.order_id = o.order_id + 1) AS x WHERE o.order_id < 3;
SELECT o.order_id, x.q FROM orders o, LATERAL (SELECT q FROM UNNEST(ARRAY[o.qty, o.qty + 1]) AS u(q)) AS x WHERE o.order_id < 3;
