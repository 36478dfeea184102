-- title: A table function with columns that are no types
-- features: CREATE FUNCTION, LATERAL TABLE

CREATE FUNCTION noTypes AS '${dir}/data/functions/rows.js#noTypes' LANGUAGE JAVASCRIPT;
