-- title: Every aggregate function takes rows away again
-- features: debezium-json, retraction, aggregate functions
-- compare: changelog

CREATE TABLE stock (id INT, name STRING, qty INT, weight DOUBLE, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_debezium.json', 'format' = 'debezium-json');
SELECT LISTAGG(name) AS l, LISTAGG(DISTINCT name) AS ld, LISTAGG(name, '+') AS p FROM stock;
SELECT COLLECT(qty) AS c, ARRAY_AGG(qty) AS a FROM stock;
SELECT FIRST_VALUE(name) AS f, LAST_VALUE(name) AS l, MIN(qty) AS mi, MAX(name) AS ma FROM stock;
SELECT JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE qty) AS o FROM stock;
SELECT JSON_ARRAYAGG(qty) AS j FROM stock;
SELECT STDDEV_POP(qty) AS a, STDDEV_SAMP(qty) AS b, VAR_POP(qty) AS c, VAR_SAMP(qty) AS d FROM stock WHERE qty < 100;
SELECT PERCENTILE(qty, 0.5) AS p, AVG(qty) AS a, SUM(weight) AS s, COUNT(DISTINCT qty) AS d, SUM(qty) FILTER (WHERE qty > 3) AS f FROM stock;
SELECT AVG(weight) AS w, COUNT(weight) AS n, SUM(DISTINCT qty) AS d FROM stock;
