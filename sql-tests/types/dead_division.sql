-- title: A division by a constant 0 is an error before anything runs only where it is always computed
-- features: division, conditional
-- compare: changelog

CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES (1), (2)) AS v(a);
SELECT
  CASE WHEN TRUE THEN 2 ELSE 1 / 0 END AS a,
  CASE WHEN FALSE THEN 1 / 0 ELSE 2 END AS b,
  IF(FALSE, 1 / 0, 2) AS c,
  FALSE AND 1 / 0 = 1 AS d,
  TRUE OR 1 / 0 = 1 AS e,
  COALESCE(1, 1 / 0) AS f,
  CASE 1 WHEN 2 THEN 1 / 0 ELSE 5 END AS g,
  CASE WHEN a > 0 THEN 'p' ELSE CAST(1 / 0 AS STRING) END AS h
FROM t;
SELECT a FROM t WHERE a > 100 AND 1 / 0 > 1;
SELECT a, 1 / 0 AS b FROM t;
