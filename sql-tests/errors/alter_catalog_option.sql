-- title: ALTER CATALOG with an option that does not exist
-- features: errors

CREATE CATALOG c WITH ('type' = 'generic_in_memory');
ALTER CATALOG c SET ('foo' = 'x');
