-- title: An exception in a table function fails the job
-- features: CREATE FUNCTION, LATERAL TABLE

CREATE FUNCTION failing AS '${dir}/data/functions/rows.js#failing' LANGUAGE JAVASCRIPT;
SELECT n FROM (VALUES (2)) AS t(x), LATERAL TABLE(failing(x)) AS u(n);
