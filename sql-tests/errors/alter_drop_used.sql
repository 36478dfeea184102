-- title: alter drop used
-- features: errors

CREATE TABLE t (a INT, c AS a + 1) WITH ('connector' = 'blackhole');
ALTER TABLE t DROP a;
