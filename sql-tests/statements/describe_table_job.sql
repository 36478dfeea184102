-- title: a table called job is still described
-- features: jobs

CREATE TABLE job (n INT) WITH ('connector' = 'blackhole');
DESCRIBE job;
DESC TABLE job;
