-- title: batch update
-- features: errors

SET 'execution.runtime-mode' = 'batch';
CREATE TABLE f (a INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/f', 'format' = 'csv');
UPDATE f SET a = 2;
