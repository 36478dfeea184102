-- title: Rows written out are compared column by column, so that NULL makes = and IN unknown
-- features: ROW, IN, NOT IN, CASE, NULL
-- compare: final

CREATE VIEW t AS SELECT a, NULLIF(b, 0) AS b, NULLIF(c, '') AS c FROM (VALUES (1, 10, 'ab'), (2, 20, 'abc'), (3, 0, 'ab'), (4, 40, '')) AS v(a, b, c);
SELECT a, (a, b) = (3, 10) AS x, (a, b) <> (1, 10) AS y, (a, b) = (3, CAST(NULL AS INT)) AS z FROM t;
SELECT a, (a, b) IN ((3, 10), (1, 10)) AS x, (a, b) NOT IN ((3, 10), (1, 11)) AS y FROM t;
SELECT a, ROW(a, b) IN (ROW(1, 10), ROW(2, NULL)) AS x, (a, c) IN ((1, 'ab'), (2, 'abcdef')) AS y FROM t;
SELECT a FROM t WHERE (a, b) NOT IN ((3, 10), (1, 10));
SELECT a FROM t WHERE (a, b) NOT IN ((1, 10), (3, NULL), (2, 21));
SELECT a, CASE WHEN (a, b) = (3, 10) THEN 'y' WHEN NOT (a, b) = (3, 10) THEN 'n' ELSE 'u' END AS x FROM t;
SELECT a, CASE (a, b) WHEN (1, 10) THEN 'one' WHEN (3, NULL) THEN 'three' ELSE 'other' END AS x FROM t;
SELECT a, (a, (b, c)) = (3, (10, 'ab')) AS x, ROW(b) = ROW(10) AS y, (a, b) <> (3, NULL) AS z, (a, b) = (a, b) AS w, (a, b) <> (a, b) AS v FROM t;
SELECT l.a, r.b FROM t AS l LEFT JOIN t AS r ON (l.a, l.b) = (r.a, r.b);
SELECT l.a, r.a AS a2 FROM t AS l JOIN t AS r ON ROW(l.a, l.b) <> ROW(r.a, r.b);
SELECT b, MAX(a) AS a FROM t GROUP BY b HAVING (MAX(a), b) = (3, 1) OR (MAX(a), b) IN ((2, 20), (3, 1));
