-- title: catalog option unknown
-- features: errors

CREATE CATALOG c WITH ('type' = 'generic_in_memory', 'foo' = 'x');
