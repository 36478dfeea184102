-- title: A JavaScript file without the function that is named
-- features: CREATE FUNCTION

CREATE FUNCTION f AS '${dir}/data/functions/text.js#nothing' LANGUAGE JAVASCRIPT;
