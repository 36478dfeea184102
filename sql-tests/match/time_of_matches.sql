-- title: MATCH_ROWTIME is a time attribute, the time at which a match is known; with all rows the column of the time is none
-- features: MATCH_RECOGNIZE, ALL ROWS PER MATCH, TUMBLE
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
CREATE VIEW rises AS SELECT * FROM steps MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES MATCH_ROWTIME() AS rt, COUNT(*) AS len PATTERN (A B+) WITHIN INTERVAL '10' SECOND DEFINE B AS x > PREV(x));
SELECT window_end, COUNT(*) AS n, SUM(len) AS l FROM TUMBLE(TABLE rises, DESCRIPTOR(rt), INTERVAL '20' SECOND) GROUP BY window_start, window_end;
CREATE VIEW rising AS SELECT * FROM steps MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES MATCH_ROWTIME() AS rt ALL ROWS PER MATCH PATTERN (A B+) WITHIN INTERVAL '10' SECOND DEFINE B AS x > PREV(x));
SHOW CREATE VIEW rising;
SELECT window_end, COUNT(*) AS n FROM TUMBLE(TABLE rising, DESCRIPTOR(rt), INTERVAL '20' SECOND) GROUP BY window_start, window_end;
SELECT window_end, COUNT(*) AS n FROM TUMBLE(TABLE rising, DESCRIPTOR(ts), INTERVAL '20' SECOND) GROUP BY window_start, window_end;
