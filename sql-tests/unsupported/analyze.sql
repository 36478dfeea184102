-- title: ANALYZE TABLE is refused by name
-- features: unsupported

ANALYZE TABLE t COMPUTE STATISTICS;
