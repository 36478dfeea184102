-- title: The plan of a lookup join: keys, constants, the rest of the condition
-- features: EXPLAIN, lookup join

CREATE TABLE dim (id INT, kind STRING, label STRING, size_ INT) WITH ('connector' = 'filesystem', 'path' = '/in/dim.csv', 'format' = 'csv');
CREATE TABLE facts (n INT, id INT, p AS PROCTIME()) WITH ('connector' = 'filesystem', 'path' = '/in/facts.csv', 'format' = 'csv');
EXPLAIN SELECT f.n, d.label FROM facts AS f LEFT JOIN dim FOR SYSTEM_TIME AS OF f.p AS d ON f.id = d.id AND d.kind = 'x' AND f.n < d.size_;
