-- title: A file that is not JavaScript
-- features: CREATE FUNCTION

CREATE FUNCTION f AS '${dir}/data/functions/broken.js#f' LANGUAGE JAVASCRIPT;
