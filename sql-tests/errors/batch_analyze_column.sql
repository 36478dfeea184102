-- title: batch analyze column
-- features: errors

SET 'execution.runtime-mode' = 'batch';
CREATE TABLE f (a INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/f', 'format' = 'csv');
INSERT INTO f VALUES (1);
ANALYZE TABLE f COMPUTE STATISTICS;
ANALYZE TABLE f COMPUTE STATISTICS FOR COLUMNS zz;
