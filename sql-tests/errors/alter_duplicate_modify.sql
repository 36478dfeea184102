-- title: alter duplicate modify
-- features: errors

CREATE TABLE t (a INT) WITH ('connector' = 'blackhole');
ALTER TABLE t MODIFY (a STRING, a INT);
