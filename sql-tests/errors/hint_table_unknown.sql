-- title: hint table unknown
-- features: errors

SELECT /*+ STATE_TTL('z' = '1d') */ x, COUNT(*) FROM (VALUES (1)) AS t(x) GROUP BY x;
