-- title: overwrite streaming
-- features: errors

CREATE TABLE f (a INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/f', 'format' = 'csv');
INSERT OVERWRITE f VALUES (1);
