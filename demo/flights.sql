-- Three million flights of 2001, in order of time, through windows into files: exactly once.
-- Kill it (kill -9) in the middle and run it again: it goes on, and the files come out the same.
SET 'pipeline.name' = 'flights';
SET 'execution.checkpointing.interval' = '500 ms';
SET 'execution.checkpointing.dir' = 'demo/.millrace';

CREATE TABLE flights (
  departure STRING,
  delay INT,
  distance INT,
  origin STRING,
  destination STRING,
  departed AS TO_TIMESTAMP(departure, 'yyyy-MM-dd HH:mm'),
  WATERMARK FOR departed AS departed - INTERVAL '10' MINUTE
) WITH (
  'connector' = 'filesystem',
  'path' = 'data/flights.csv',
  'format' = 'csv',
  'scan.rows-per-second' = '200000'
);

CREATE TABLE airport_days (
  flight_day DATE,
  origin STRING,
  flights BIGINT,
  average_delay DOUBLE,
  worst_delay INT
) WITH ('connector' = 'filesystem', 'path' = 'out/airport_days', 'format' = 'csv');

CREATE TABLE worst_airports (
  flight_day DATE,
  place BIGINT,
  origin STRING,
  flights BIGINT,
  average_delay DOUBLE
) WITH ('connector' = 'filesystem', 'path' = 'out/worst_airports', 'format' = 'csv');

CREATE VIEW per_day AS
SELECT window_start, window_end, origin, COUNT(*) AS flights, AVG(CAST(delay AS DOUBLE)) AS average_delay, MAX(delay) AS worst_delay
FROM TUMBLE(TABLE flights, DESCRIPTOR(departed), INTERVAL '1' DAY)
GROUP BY window_start, window_end, origin;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO airport_days
  SELECT CAST(window_start AS DATE), origin, flights, ROUND(average_delay, 2), worst_delay FROM per_day;

  INSERT INTO worst_airports
  SELECT CAST(window_start AS DATE), place, origin, flights, ROUND(average_delay, 2)
  FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY average_delay DESC, origin) AS place
    FROM per_day
    WHERE flights >= 100
  )
  WHERE place <= 3;
END;

-- What was written, as a table on the terminal: the ten airports that were late most often among the worst of a day.
SET 'execution.checkpointing.interval' = 'none';
SELECT origin, COUNT(*) AS days, MAX(average_delay) AS worst_average
FROM worst_airports
GROUP BY origin
ORDER BY days DESC, origin
LIMIT 10;
