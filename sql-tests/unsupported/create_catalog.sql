-- title: CREATE CATALOG is refused by name
-- features: unsupported

CREATE CATALOG hive WITH ('type' = 'hive');
