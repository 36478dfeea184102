-- title: overwrite blackhole
-- features: errors

SET 'execution.runtime-mode' = 'batch';
CREATE TABLE f (a INT) WITH ('connector' = 'blackhole');
INSERT OVERWRITE f VALUES (1);
