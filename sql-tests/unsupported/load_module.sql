-- title: LOAD MODULE is refused by name
-- features: unsupported

LOAD MODULE hive;
