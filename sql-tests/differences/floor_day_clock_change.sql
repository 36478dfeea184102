-- title: FLOOR to DAY finds midnight on the day of a clock change (Flink 2.2.1 misses it by an hour)
-- features: FLOOR, time zones

SET 'table.local-time-zone' = 'Europe/Berlin';
SELECT FLOOR(CAST(TIMESTAMP '2024-03-31 12:00:00' AS TIMESTAMP_LTZ(3)) TO DAY) AS spring, FLOOR(CAST(TIMESTAMP '2024-10-27 12:00:00' AS TIMESTAMP_LTZ(3)) TO DAY) AS autumn;
