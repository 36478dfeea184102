-- title: INTERSECT ALL is refused by name
-- features: unsupported

SELECT 1 INTERSECT ALL SELECT 1;
