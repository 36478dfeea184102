-- title: A ranking in descending order in batch mode
-- features: batch, over

SET 'execution.runtime-mode' = 'batch';
SELECT v, RANK() OVER (ORDER BY v DESC) FROM (VALUES (1), (2)) AS t(v);
