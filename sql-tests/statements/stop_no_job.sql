-- title: STOP JOB of a job that is not there
-- features: jobs

STOP JOB 'a1' WITH SAVEPOINT;
