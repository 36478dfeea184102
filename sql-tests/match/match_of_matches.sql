-- title: A time attribute behind matches: matches of matches, joins, windows
-- features: MATCH_RECOGNIZE, MATCH_ROWTIME
-- compare: changelog

CREATE TABLE steps (
  id INT,
  k STRING,
  ts TIMESTAMP(3),
  x INT,
  s STRING,
  WATERMARK FOR ts AS ts - INTERVAL '2' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/steps.csv',
  'format' = 'csv'
);
CREATE VIEW rises AS SELECT * FROM steps MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES A.x AS low, B.x AS high, MATCH_ROWTIME() AS rt, MATCH_ROWTIME(ts) AS rt2 ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A B) DEFINE B AS B.x > A.x);
DESCRIBE rises;
SELECT * FROM rises MATCH_RECOGNIZE (PARTITION BY k ORDER BY rt MEASURES U.low AS ul, V.high AS vh, MATCH_ROWTIME() AS at_ts ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (U V) DEFINE V AS V.high - V.low > U.high - U.low);
SELECT k, window_end, COUNT(*) AS n FROM HOP(TABLE rises, DESCRIPTOR(rt2), INTERVAL '10' SECOND, INTERVAL '20' SECOND) GROUP BY k, window_start, window_end;
SELECT k, COUNT(*) AS n, MAX(high) AS m FROM rises GROUP BY k;
SELECT m.k, m.a + m.b AS ab FROM (SELECT * FROM steps WHERE s <> 'v') MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES FIRST(A.id) AS a, B.id AS b ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A+ B) DEFINE A AS A.x > 3) AS m;
