-- title: Complex events over Nexmark bids
-- features: MATCH_RECOGNIZE, Nexmark
-- compare: changelog

-- The first 1500 bids of the generator at 100 events a second.
CREATE TABLE bid (
  auction BIGINT,
  bidder BIGINT,
  price BIGINT,
  `dateTime` TIMESTAMP(3),
  WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND
) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/bids.csv', 'format' = 'csv');

-- Prices that fall and then rise.
SELECT * FROM bid MATCH_RECOGNIZE (
  PARTITION BY auction ORDER BY `dateTime`
  MEASURES TOP.price AS top_price, LAST(DOWN.price) AS bottom, LAST(UP.price) AS end_price, COUNT(DOWN.price) AS downs, COUNT(UP.price) AS ups, LAST(UP.`dateTime`) AS end_time
  AFTER MATCH SKIP PAST LAST ROW
  PATTERN (TOP DOWN+ UP+ TAIL)
  DEFINE
    DOWN AS DOWN.price < LAST(DOWN.price, 1) OR (LAST(DOWN.price, 1) IS NULL AND DOWN.price < TOP.price),
    UP AS UP.price > LAST(UP.price, 1) OR (LAST(UP.price, 1) IS NULL AND UP.price > LAST(DOWN.price))
);

-- The longest run of bids whose average stays below a bound.
SELECT * FROM bid MATCH_RECOGNIZE (
  PARTITION BY bidder ORDER BY `dateTime`
  MEASURES FIRST(A.`dateTime`) AS first_time, LAST(A.`dateTime`) AS last_time, COUNT(A.price) AS n, AVG(A.price) AS average, B.price AS next_price
  AFTER MATCH SKIP PAST LAST ROW
  PATTERN (A+ B)
  DEFINE A AS AVG(A.price) < 2000000
);

SELECT * FROM bid MATCH_RECOGNIZE (
  PARTITION BY bidder ORDER BY `dateTime`
  MEASURES FIRST(A.`dateTime`) AS first_time, LAST(A.`dateTime`) AS last_time, COUNT(A.price) AS n, AVG(A.price) AS average, B.price AS next_price
  AFTER MATCH SKIP TO NEXT ROW
  PATTERN (A+ B)
  DEFINE A AS AVG(A.price) < 2000000
);

-- A drop to less than a tenth within five seconds.
SELECT * FROM bid MATCH_RECOGNIZE (
  PARTITION BY auction ORDER BY `dateTime`
  MEASURES A.price AS from_price, C.price AS to_price, TIMESTAMPDIFF(SECOND, A.`dateTime`, C.`dateTime`) AS took, COUNT(B.price) AS between_them
  AFTER MATCH SKIP PAST LAST ROW
  PATTERN (A B* C) WITHIN INTERVAL '5' SECOND
  DEFINE B AS B.price >= A.price / 10, C AS C.price < A.price / 10
);
