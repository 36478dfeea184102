-- title: STOP JOB WITH DRAIN without a savepoint
-- features: jobs

STOP JOB 'a1' WITH DRAIN;
