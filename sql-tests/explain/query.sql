-- title: The plan of a query: what is pruned, what is pushed down
-- features: EXPLAIN

CREATE TABLE sales (item STRING, amount INT, note STRING, dt STRING) PARTITIONED BY (dt) WITH ('connector' = 'filesystem', 'path' = '/in/sales', 'format' = 'csv');
EXPLAIN SELECT item, SUM(amount) AS total FROM sales WHERE dt = '2024-01-01' AND amount > 1 + 2 GROUP BY item HAVING SUM(amount) > 10;
