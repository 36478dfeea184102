-- title: hint unknown
-- features: errors

SELECT /*+ FOO('z' = '1d') */ x FROM (VALUES (1)) AS t(x);
