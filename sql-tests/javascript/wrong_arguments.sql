-- title: A JavaScript function with the wrong number of arguments
-- features: CREATE FUNCTION

CREATE FUNCTION area AS '${dir}/data/functions/text.js#area' LANGUAGE JAVASCRIPT;
SELECT area(1);
