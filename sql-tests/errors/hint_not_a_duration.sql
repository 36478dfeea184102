-- title: hint not a duration
-- features: errors

SELECT /*+ STATE_TTL('t' = 'abc') */ x, COUNT(*) FROM (VALUES (1)) AS t(x) GROUP BY x;
