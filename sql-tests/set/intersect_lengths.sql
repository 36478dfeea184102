-- title: texts of different lengths in INTERSECT and EXCEPT make VARCHAR, as in UNION
-- features: INTERSECT, EXCEPT, types
-- compare: final

SELECT '10' AS a, X'0102' AS b FROM (VALUES (1)) EXCEPT SELECT '', X'01' FROM (VALUES (2));
SELECT 'a' AS a FROM (VALUES (1)) INTERSECT SELECT 'a2' FROM (VALUES (2));
SELECT 'a' AS a FROM (VALUES (1)) EXCEPT SELECT 'b' FROM (VALUES (2));
