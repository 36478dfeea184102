-- title: More than one thread is refused by name
-- features: unsupported

SET 'parallelism.default' = '4';
