-- title: catalog exists
-- features: errors

CREATE CATALOG c WITH ('type' = 'generic_in_memory');
CREATE CATALOG c WITH ('type' = 'generic_in_memory');
