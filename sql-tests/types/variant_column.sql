-- title: VARIANT as a column: shown, grouped, printed
-- features: variant
-- compare: changelog

CREATE TEMPORARY VIEW t AS SELECT PARSE_JSON(j) AS v, k FROM (VALUES ('{"a":1}', 1), ('{"a":1}', 2), ('[1]', 3)) AS t(j, k);
DESCRIBE t;
SELECT * FROM t;
SELECT v, COUNT(*) AS n FROM t GROUP BY v;
CREATE TABLE p (v VARIANT, a ARRAY<VARIANT>) WITH ('connector' = 'print');
INSERT INTO p SELECT PARSE_JSON('{"b":"x","a":[1,null]}'), ARRAY[PARSE_JSON('1')];
SELECT DISTINCT v FROM (SELECT PARSE_JSON('1') AS v);
SELECT CAST(PARSE_JSON('1') AS STRING);
