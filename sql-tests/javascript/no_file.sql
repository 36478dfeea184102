-- title: A JavaScript file that does not exist
-- features: CREATE FUNCTION

CREATE FUNCTION f AS '${dir}/data/functions/nothing.js' LANGUAGE JAVASCRIPT;
