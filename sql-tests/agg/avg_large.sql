-- title: AVG of integers whose sum does not fit their type; where Flink's plan shares the sum it wraps
-- features: AVG, SUM, COUNT, STDDEV_POP, OVER
-- compare: final

CREATE TABLE numbers (
  id INT,
  a TINYINT NOT NULL,
  b SMALLINT,
  c INT NOT NULL,
  d BIGINT NOT NULL,
  f FLOAT,
  ts AS CAST('2024-01-01 00:00:00' AS TIMESTAMP(3)),
  WATERMARK FOR ts AS ts
) WITH (
  'connector' = 'filesystem',
  'path' = '${dir}/data/large_numbers.csv',
  'format' = 'csv'
);
SELECT AVG(a) AS a, AVG(b) AS b, AVG(c) AS c, AVG(d) AS d, AVG(f) AS f FROM numbers;
SELECT id > 2 AS g, AVG(a) AS a, AVG(b) AS b, AVG(c) AS c, MAX(c) AS m, COUNT(*) AS n FROM numbers GROUP BY id > 2;
SELECT AVG(b) AS a, SUM(b) AS s, AVG(DISTINCT c) AS c FROM numbers;
SELECT AVG(b) AS a, SUM(b) AS s, COUNT(b) AS n FROM numbers;
SELECT id > 2 AS g, AVG(c) AS a, SUM(c) AS s, COUNT(*) AS n FROM numbers GROUP BY id > 2;
SELECT AVG(c) AS a, AVG(a) AS b, STDDEV_POP(d) AS s FROM numbers;
SELECT AVG(c) FILTER (WHERE id > 1) AS a, SUM(c) FILTER (WHERE id > 1) AS s, COUNT(*) AS n FROM numbers;
SELECT window_start, AVG(c) AS a, MIN(c) AS m FROM TABLE(TUMBLE(TABLE numbers, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
SELECT window_start, AVG(c) AS a, SUM(c) AS s, COUNT(c) AS n FROM TABLE(TUMBLE(TABLE numbers, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end;
SELECT g, AVG(n) AS a FROM (SELECT id > 2 AS g, id, MAX(c) AS n FROM numbers GROUP BY id) GROUP BY g;
SELECT id, AVG(a) OVER (ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS a, AVG(c) OVER (ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS c FROM numbers;
SELECT id > 2 AS g, AVG(c) AS a, SUM(c) AS s FROM numbers GROUP BY ROLLUP (id > 2);
