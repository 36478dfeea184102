-- title: A scalar sub-query with two columns
-- features: sub-query

SELECT k FROM (VALUES (1, 2)) AS t(k, v) WHERE (k, v) = (SELECT 1, 2);
