-- title: module unknown
-- features: errors

LOAD MODULE hive;
