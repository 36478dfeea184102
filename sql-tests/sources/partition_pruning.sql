-- title: Conditions on partition columns: only matching folders are read
-- features: filesystem, partitions
-- compare: final

CREATE TABLE sales (item STRING, amount INT, dt DATE, country STRING) PARTITIONED BY (dt, country)
WITH ('connector' = 'filesystem', 'path' = '${tmp}/sales', 'format' = 'csv');
INSERT INTO sales VALUES ('pen', 1, DATE '2024-01-01', 'de'), ('ink', 2, DATE '2024-01-01', 'fr'), ('cap', 3, DATE '2024-01-02', 'de'), ('nib', 4, DATE '2024-01-03', CAST(NULL AS STRING));
INSERT INTO sales PARTITION (dt = '2024-01-02', country = 'fr') SELECT 'pad', 5;
-- A file that is not CSV of this table in a partition that no query below reads.
CREATE TABLE junk (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/sales/dt=2024-01-09/country=de', 'format' = 'raw');
INSERT INTO junk VALUES 'one,two,three,four', '"';
SELECT * FROM sales WHERE dt = DATE '2024-01-01';
SELECT item, amount FROM sales WHERE country = 'de' AND dt < DATE '2024-01-05';
SELECT item FROM sales WHERE country IS NULL AND dt <> DATE '2024-01-09';
SELECT country, SUM(amount) AS total FROM sales WHERE dt IN (DATE '2024-01-01', DATE '2024-01-02') GROUP BY country;
SELECT COUNT(*) AS n FROM sales WHERE dt > DATE '2024-02-01';
