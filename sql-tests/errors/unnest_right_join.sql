-- title: A RIGHT JOIN cannot depend on its left side
-- features: UNNEST

SELECT x FROM (VALUES (ARRAY[1])) AS m(a) RIGHT JOIN UNNEST(a) AS u(x) ON TRUE;
