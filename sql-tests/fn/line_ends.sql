-- title: Line ends within a text: % goes over them, _ and . do not, (?s) changes that
-- features: like, similar to, regular expressions
-- compare: changelog

CREATE TABLE t (id INT NOT NULL, s STRING, p STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/line_ends.jsonl', 'format' = 'json');
SELECT id,
  s LIKE p AS a,
  s LIKE 'a_b' AS b,
  s LIKE 'a_b%' AS c,
  s LIKE '%a_b' AS d,
  s LIKE '_%' AS e,
  s LIKE '%_' AS f,
  s LIKE 'a%b' AS g,
  s LIKE '___' AS h,
  s LIKE 'a!_b' ESCAPE '!' AS i,
  s LIKE '%_b%' AS j,
  s LIKE p ESCAPE '!' AS k,
  s NOT LIKE 'a_b' AS l
FROM t;
SELECT id,
  s SIMILAR TO 'a_b' AS a,
  s SIMILAR TO 'a%b' AS b,
  s SIMILAR TO '%' AS c,
  s SIMILAR TO '_*' AS d,
  s SIMILAR TO 'a(_|x)b%' AS e,
  s SIMILAR TO 'a[^x]b' AS f,
  s SIMILAR TO p AS g,
  s SIMILAR TO 'a_b|%c' AS h,
  s SIMILAR TO '%_%' AS i
FROM t;
SELECT id,
  REGEXP(s, '(?s)a.b') AS a,
  REGEXP(s, '(?s:^a.*b$)') AS b,
  REGEXP(s, 'a(?s).(?-s).') AS c,
  REGEXP_REPLACE(s, '(?s)a.*', 'X') = 'X' AS d,
  REGEXP_COUNT(s, '(?s).') AS e,
  REGEXP(s, 'a.b') AS f,
  HEX(REGEXP_EXTRACT(s, '(?s)a(.*)b', 1)) AS g
FROM t;
