-- title: SHOW JOBS is refused by name
-- features: unsupported

SHOW JOBS;
