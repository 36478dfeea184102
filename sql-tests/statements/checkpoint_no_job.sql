-- title: CHECKPOINT JOB of a job that is not there
-- features: jobs

CHECKPOINT JOB 'a1';
