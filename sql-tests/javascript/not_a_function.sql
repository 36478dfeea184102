-- title: An export that is no function
-- features: CREATE FUNCTION

CREATE FUNCTION f AS '${dir}/data/functions/text.js#constant' LANGUAGE JAVASCRIPT;
