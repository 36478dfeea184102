-- title: An exception in a JavaScript function fails the job
-- features: CREATE FUNCTION

CREATE FUNCTION picky AS '${dir}/data/functions/text.js#picky' LANGUAGE JAVASCRIPT;
SELECT picky(v) FROM (VALUES 1, 2) AS t(v);
SELECT picky(v) FROM (VALUES 1, 2, 3) AS t(v);
