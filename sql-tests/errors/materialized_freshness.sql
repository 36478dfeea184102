-- title: materialized freshness
-- features: errors

CREATE MATERIALIZED TABLE mt WITH ('connector' = 'blackhole') FRESHNESS = INTERVAL '1' MONTH AS SELECT 1 AS a;
