-- title: catalog type unknown
-- features: errors

CREATE CATALOG c WITH ('type' = 'nothing');
