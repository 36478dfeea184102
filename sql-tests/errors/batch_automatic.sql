-- title: batch automatic
-- features: errors

SET 'execution.runtime-mode' = 'automatic';
