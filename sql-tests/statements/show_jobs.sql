-- title: SHOW JOBS without a job
-- features: jobs

SHOW JOBS;
