-- title: The plans of an interval join and of a temporal join
-- features: EXPLAIN, interval join, temporal join

CREATE TABLE a (k INT, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '/in/a.csv', 'format' = 'csv');
CREATE TABLE b (k INT, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = '/in/b.csv', 'format' = 'csv');
EXPLAIN SELECT a.n, b.n AS m FROM a LEFT JOIN b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '5' SECOND AND a.ts + INTERVAL '1' MINUTE AND a.n < b.n;
EXPLAIN SELECT a.n, b.n AS m FROM a JOIN b FOR SYSTEM_TIME AS OF a.ts AS b ON a.k = b.k WHERE b.n > 5 AND a.n > 1;
