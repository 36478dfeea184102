-- title: STOP JOB is refused by name
-- features: unsupported

STOP JOB 'a1' WITH SAVEPOINT;
