-- title: JSON aggregates of JSON constructors, of times, rows and collections
-- features: JSON_ARRAYAGG, JSON_OBJECTAGG, JSON_OBJECT, JSON_ARRAY
-- compare: changelog

CREATE TABLE orders (
  order_id BIGINT,
  user_id BIGINT,
  product STRING,
  amount DECIMAL(10, 2),
  qty INT,
  status STRING,
  ts TIMESTAMP(3)
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/orders.csv',
  'format' = 'csv',
  'csv.null-literal' = ''
);
SELECT product, JSON_ARRAYAGG(JSON_OBJECT('id' VALUE order_id, 'amount' VALUE amount)) AS a FROM orders WHERE order_id < 12 GROUP BY product;
SELECT product, JSON_OBJECTAGG(KEY CAST(order_id AS STRING) VALUE JSON_ARRAY(qty, status NULL ON NULL)) AS o FROM orders WHERE order_id < 12 GROUP BY product;
SELECT status, JSON_ARRAYAGG(ts) AS t, JSON_ARRAYAGG(CAST(ts AS DATE)) AS d, JSON_ARRAYAGG(ARRAY[qty, 1]) AS l, JSON_ARRAYAGG(MAP['q', qty]) AS m FROM orders WHERE order_id < 8 GROUP BY status;
SELECT JSON_OBJECTAGG(KEY k VALUE JSON_OBJECT('n' VALUE n)) AS o FROM (SELECT status AS k, COUNT(*) AS n FROM orders GROUP BY status);
