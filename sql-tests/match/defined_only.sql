-- title: A variable that DEFINE has and PATTERN has not never has a row
-- features: MATCH_RECOGNIZE, DEFINE
-- compare: changelog

CREATE TABLE ticks (
  symbol STRING,
  ts TIMESTAMP(3),
  price INT,
  volume INT,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/ticks.csv',
  'format' = 'csv'
);
SELECT * FROM ticks MATCH_RECOGNIZE (PARTITION BY symbol ORDER BY ts MEASURES A.ts AS t, B.price AS b, SUM(X.price) AS s, COUNT(X.volume) AS n, LAST(X.price) AS l AFTER MATCH SKIP PAST LAST ROW PATTERN (A B) DEFINE B AS B.price > A.price, X AS X.volume > A.volume);
SELECT * FROM ticks MATCH_RECOGNIZE (PARTITION BY symbol ORDER BY ts MEASURES A.ts AS t, B.price AS b AFTER MATCH SKIP PAST LAST ROW PATTERN (A B) DEFINE B AS B.price > A.price AND LAST(X.price) IS NULL, X AS X.volume > LAST(X.volume, 1));
