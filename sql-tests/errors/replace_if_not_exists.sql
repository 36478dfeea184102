-- title: replace if not exists
-- features: errors

CREATE OR REPLACE TABLE IF NOT EXISTS t WITH ('connector' = 'blackhole') AS SELECT 1 AS a;
