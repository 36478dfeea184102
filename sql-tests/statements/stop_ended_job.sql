-- title: STOP JOB of a job that has ended
-- features: jobs

CREATE TABLE h (n INT) WITH ('connector' = 'blackhole');
INSERT INTO h VALUES (1), (2);
STOP JOB h;
STOP JOB 'h' WITH SAVEPOINT;
