-- title: batch unbounded
-- features: errors

SET 'execution.runtime-mode' = 'batch';
CREATE TABLE u (a INT) WITH ('connector' = 'datagen');
SELECT * FROM u;
