-- title: A function that names a type which does not exist
-- features: CREATE FUNCTION

CREATE FUNCTION f AS '${dir}/data/functions/text.js#wrongType' LANGUAGE JAVASCRIPT;
