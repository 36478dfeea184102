-- title: Batch mode: a distance of months
-- features: batch, OVER, errors
-- compare: final

SET 'execution.runtime-mode' = 'batch';
SELECT COUNT(*) OVER (ORDER BY x RANGE BETWEEN INTERVAL '1' MONTH PRECEDING AND CURRENT ROW) FROM (VALUES (DATE '2024-01-01')) AS t(x);
