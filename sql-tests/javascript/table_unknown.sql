-- title: A table function that does not exist
-- features: CREATE FUNCTION, LATERAL TABLE

CREATE FUNCTION numbers AS '${dir}/data/functions/rows.js#numbers' LANGUAGE JAVASCRIPT;
SELECT n FROM (VALUES (2)) AS t(x), LATERAL TABLE(numberz(x)) AS u(n);
