-- title: describe unknown function
-- features: errors

DESCRIBE FUNCTION nothing;
