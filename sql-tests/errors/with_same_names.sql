-- title: Two columns of one name in a WITH table
-- features: WITH, error
-- compare: changelog

WITH w AS (SELECT x, x FROM (VALUES (1, 2)) AS t(x, y)) SELECT COUNT(*) FROM w;
