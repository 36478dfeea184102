-- title: The type RAW is refused by name
-- features: unsupported

CREATE TABLE t (v RAW('java.lang.String', 'AA==')) WITH ('connector' = 'blackhole');
