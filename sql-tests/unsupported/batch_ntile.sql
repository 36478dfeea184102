-- title: NTILE in batch mode
-- features: batch, over

SET 'execution.runtime-mode' = 'batch';
SELECT v, NTILE(2) OVER (ORDER BY v) FROM (VALUES (1), (2)) AS t(v);
