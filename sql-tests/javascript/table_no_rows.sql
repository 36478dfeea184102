-- title: A table function that gives no rows but a value
-- features: CREATE FUNCTION, LATERAL TABLE

CREATE FUNCTION notRows AS '${dir}/data/functions/rows.js#notRows' LANGUAGE JAVASCRIPT;
SELECT n FROM TABLE(notRows()) AS u(n);
