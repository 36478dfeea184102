-- title: DESCRIBE JOB takes a plain name, too
-- features: jobs

DESCRIBE JOB a1;
