-- title: INSERT OVERWRITE is refused by name
-- features: unsupported

CREATE TABLE t (k INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'csv');
INSERT OVERWRITE t SELECT 1;
