-- title: V shapes of prices: the examples of Oracle's documentation, with its answers
-- features: MATCH_RECOGNIZE, ALL ROWS PER MATCH, PREV, CLASSIFIER, MATCH_NUMBER, RUNNING, FINAL
-- compare: changelog

CREATE TABLE ticker (symbol STRING, tstamp TIMESTAMP(3), price INT, WATERMARK FOR tstamp AS tstamp) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ticker', 'format' = 'json');
INSERT INTO ticker SELECT 'ACME', TIMESTAMPADD(DAY, d - 1, TIMESTAMP '2011-04-01 00:00:00'), p FROM (VALUES (1, 12), (2, 17), (3, 19), (4, 21), (5, 25), (6, 12), (7, 15), (8, 20), (9, 24), (10, 25), (11, 19), (12, 15), (13, 25), (14, 25), (15, 14), (16, 12), (17, 14), (18, 24), (19, 23), (20, 22)) AS v(d, p);
SELECT * FROM ticker MATCH_RECOGNIZE (
  PARTITION BY symbol ORDER BY tstamp
  MEASURES STRT.tstamp AS start_tstamp, LAST(DOWN.tstamp) AS bottom_tstamp, LAST(UP.tstamp) AS end_tstamp
  ONE ROW PER MATCH
  AFTER MATCH SKIP TO LAST UP
  PATTERN (STRT DOWN+ UP+)
  DEFINE DOWN AS DOWN.price < PREV(DOWN.price), UP AS UP.price > PREV(UP.price)
);
SELECT * FROM ticker MATCH_RECOGNIZE (
  PARTITION BY symbol ORDER BY tstamp
  MEASURES STRT.tstamp AS start_tstamp, FINAL LAST(DOWN.tstamp) AS bottom_tstamp, FINAL LAST(UP.tstamp) AS end_tstamp,
    MATCH_NUMBER() AS match_num, CLASSIFIER() AS var_match
  ALL ROWS PER MATCH
  AFTER MATCH SKIP TO LAST UP
  PATTERN (STRT DOWN+ UP+)
  DEFINE DOWN AS DOWN.price < PREV(DOWN.price), UP AS UP.price > PREV(UP.price)
);
SELECT * FROM ticker MATCH_RECOGNIZE (
  PARTITION BY symbol ORDER BY tstamp
  MEASURES MATCH_NUMBER() AS match_num, CLASSIFIER() AS var_match, FINAL COUNT(UP.tstamp) AS up_days, FINAL COUNT(tstamp) AS total_days,
    RUNNING COUNT(tstamp) AS cnt_days, price - STRT.price AS price_dif
  ALL ROWS PER MATCH
  AFTER MATCH SKIP TO LAST UP
  PATTERN (STRT DOWN+ UP+)
  DEFINE DOWN AS DOWN.price < PREV(DOWN.price), UP AS UP.price > PREV(UP.price)
);
SELECT * FROM ticker MATCH_RECOGNIZE (
  PARTITION BY symbol ORDER BY tstamp
  MEASURES STRT.tstamp AS start_tstamp, UP.tstamp AS end_tstamp
  ONE ROW PER MATCH
  AFTER MATCH SKIP TO LAST UP
  PATTERN (STRT DOWN+ UP+ DOWN+ UP+)
  DEFINE DOWN AS DOWN.price < PREV(DOWN.price), UP AS UP.price > PREV(UP.price)
);
