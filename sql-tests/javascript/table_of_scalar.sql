-- title: A function of values as a table
-- features: CREATE FUNCTION, LATERAL TABLE

CREATE FUNCTION reversed AS '${dir}/data/functions/text.js#reversed' LANGUAGE JAVASCRIPT;
SELECT n FROM (VALUES (2)) AS t(x), LATERAL TABLE(reversed(x)) AS u(n);
