-- title: The plan of a window join over two aggregates
-- features: EXPLAIN

CREATE TABLE bids (auction BIGINT, price BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH ('connector' = 'filesystem', 'path' = '/in/bids.csv', 'format' = 'csv');
CREATE TABLE sink_ (auction BIGINT, n BIGINT, top BIGINT) WITH ('connector' = 'blackhole');
EXPLAIN INSERT INTO sink_
SELECT c.auction, c.n, m.top
FROM (SELECT auction, COUNT(*) AS n, window_start, window_end FROM HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY auction, window_start, window_end) AS c
JOIN (SELECT MAX(price) AS top, window_start, window_end FROM HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND) GROUP BY window_start, window_end) AS m
ON c.window_start = m.window_start AND c.window_end = m.window_end AND c.n < m.top;
