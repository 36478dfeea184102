-- title: A table function with the wrong number of arguments
-- features: CREATE FUNCTION, LATERAL TABLE

CREATE FUNCTION numbers AS '${dir}/data/functions/rows.js#numbers' LANGUAGE JAVASCRIPT;
SELECT n FROM TABLE(numbers(3, 4));
