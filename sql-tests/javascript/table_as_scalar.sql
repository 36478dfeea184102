-- title: A table function where a value is needed
-- features: CREATE FUNCTION, LATERAL TABLE

CREATE FUNCTION numbers AS '${dir}/data/functions/rows.js#numbers' LANGUAGE JAVASCRIPT;
SELECT numbers(3);
