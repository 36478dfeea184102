-- title: A partition that is read has a bad file: the same query fails without the condition
-- features: filesystem, partitions

CREATE TABLE sales (amount INT, dt STRING) PARTITIONED BY (dt) WITH ('connector' = 'filesystem', 'path' = '${tmp}/sales', 'format' = 'csv');
CREATE TABLE junk (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/sales/dt=b', 'format' = 'raw');
INSERT INTO sales VALUES (1, 'a'), (2, 'c');
INSERT INTO junk VALUES 'not a number';
SELECT SUM(amount) AS total FROM sales WHERE dt <> 'b';
SELECT SUM(amount) AS total FROM sales;
