-- title: JavaScript functions: types, NULL, the default export, in WHERE and GROUP BY
-- features: CREATE FUNCTION
-- compare: final

CREATE FUNCTION reversed AS '${dir}/data/functions/text.js#reversed' LANGUAGE JAVASCRIPT;
CREATE TEMPORARY FUNCTION area AS '${dir}/data/functions/text.js#area' LANGUAGE JAVASCRIPT;
CREATE TEMPORARY SYSTEM FUNCTION shout AS '${dir}/data/functions/text.js' LANGUAGE JAVASCRIPT;
CREATE FUNCTION IF NOT EXISTS reversed AS '${dir}/data/functions/text.js#area' LANGUAGE JAVASCRIPT;
CREATE FUNCTION described AS '${dir}/data/functions/text.js#describe' LANGUAGE JAVASCRIPT;
SELECT reversed('añb'), reversed(CAST(NULL AS STRING)), area(3000000000, 2), area(CAST(2 AS INT), 7), shout('hi'), described(CAST(NULL AS STRING)), described('x');
SELECT reversed(v) AS r, COUNT(*) AS n FROM (VALUES 'ab', 'cd', 'ab', 'zz') AS t(v) WHERE reversed(v) <> 'zz' GROUP BY reversed(v);
SHOW USER FUNCTIONS;
DROP FUNCTION reversed;
SELECT reversed('ab');
