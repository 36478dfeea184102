-- title: A column that is not of the type that the table function promised
-- features: CREATE FUNCTION, LATERAL TABLE

CREATE FUNCTION liar AS '${dir}/data/functions/rows.js#liar' LANGUAGE JAVASCRIPT;
SELECT n FROM TABLE(liar()) AS u(n);
