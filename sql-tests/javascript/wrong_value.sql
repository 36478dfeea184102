-- title: A value that is not of the type that the function promised
-- features: CREATE FUNCTION

CREATE FUNCTION liar AS '${dir}/data/functions/text.js#liar' LANGUAGE JAVASCRIPT;
SELECT liar();
