-- title: OVER and Top-N see the updates of all columns below them, unless they compute any
-- features: topn, over, changelog
CREATE TABLE stock (id INT, name STRING, qty INT, PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_debezium.json', 'format' = 'debezium-json');
CREATE TABLE t (id INT, other TIMESTAMP(3), ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/computed_time.csv', 'format' = 'csv');
CREATE VIEW g AS SELECT id / 3 AS k, id > 2 AS s, COUNT(*) AS c, MAX(other) AS m FROM (SELECT * FROM t UNION ALL SELECT * FROM t) GROUP BY id / 3, id > 2;
SELECT k, COUNT(*) OVER (PARTITION BY k ORDER BY s) FROM g;
SELECT k, n FROM (SELECT *, COUNT(*) OVER (PARTITION BY k ORDER BY s) AS n FROM (SELECT s, k FROM g WHERE c > 0));
SELECT k, MAX(c + 1) OVER (PARTITION BY k ORDER BY s) FROM g;
SELECT k, s FROM (SELECT k, s, ROW_NUMBER() OVER (PARTITION BY k ORDER BY s) AS rn FROM g) WHERE rn <= 2;
SELECT k, s FROM g ORDER BY s LIMIT 2;
SELECT id, name, qty FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY qty DESC) AS r2
  FROM (SELECT id, name, qty FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY qty, id) AS rn FROM stock) WHERE rn <= 2)) WHERE r2 <= 1;
SELECT id, name, qty, r2 FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY qty DESC) AS r2
  FROM (SELECT id, name, qty FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY qty, id) AS rn FROM stock) WHERE rn <= 2)) WHERE r2 <= 2;
