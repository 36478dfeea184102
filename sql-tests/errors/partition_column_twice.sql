-- title: A partition column twice
-- features: errors

CREATE TABLE t (a INT, b STRING, c INT) PARTITIONED BY (b, c) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'csv');
INSERT INTO t PARTITION (b = 'x', b = 'y') SELECT 1, 5;
