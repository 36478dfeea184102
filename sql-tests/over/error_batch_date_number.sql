-- title: Batch mode: a number as distance of dates
-- features: batch, OVER, errors
-- compare: final

SET 'execution.runtime-mode' = 'batch';
SELECT COUNT(*) OVER (ORDER BY x RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM (VALUES (DATE '2024-01-01')) AS t(x);
