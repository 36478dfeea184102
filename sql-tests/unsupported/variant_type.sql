-- title: The type VARIANT is refused by name
-- features: unsupported

CREATE TABLE t (v VARIANT) WITH ('connector' = 'blackhole');
