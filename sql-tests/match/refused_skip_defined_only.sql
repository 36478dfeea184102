-- title: SKIP TO a variable that PATTERN has not
-- features: MATCH_RECOGNIZE, AFTER MATCH, errors

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
SELECT * FROM ticks MATCH_RECOGNIZE (PARTITION BY symbol ORDER BY ts MEASURES A.ts AS t AFTER MATCH SKIP TO FIRST X PATTERN (A B) DEFINE B AS B.price > A.price, X AS X.volume > 1);
