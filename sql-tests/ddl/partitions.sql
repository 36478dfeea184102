-- title: ALTER TABLE … ADD and DROP PARTITION, SHOW PARTITIONS
-- features: PARTITION

CREATE TABLE t (a INT, b STRING, c INT) PARTITIONED BY (b, c) WITH ('connector' = 'filesystem', 'path' = '${tmp}/t', 'format' = 'csv');
ALTER TABLE t ADD PARTITION (b = 'x', c = 1);
ALTER TABLE t ADD IF NOT EXISTS PARTITION (b = 'x', c = 1) WITH ('k' = 'v') PARTITION (c = 2, b = 'y');
SHOW PARTITIONS t;
SHOW PARTITIONS t PARTITION (b = 'y');
ALTER TABLE t DROP PARTITION (b = 'x', c = 1);
ALTER TABLE t DROP IF EXISTS PARTITION (b = 'x', c = 1), PARTITION (b = 'q', c = 3);
SHOW PARTITIONS t;
