-- title: Row constructors are compared item by item, so that NULL is unknown; rows of columns as a whole
-- features: row, comparison
-- compare: changelog

CREATE TABLE t (id INT NOT NULL, j INT NOT NULL, s STRING, r ROW<a INT, b STRING>) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/rows.jsonl', 'format' = 'json');
SELECT
  (id, s) = (2, 'y') AS a,
  (id, s) <> (2, 'y') AS b,
  (id, s) = (2, CAST(NULL AS STRING)) AS c,
  (id, s) = (j, s) AS d,
  NOT ((id, s) = (2, 'y')) AS e,
  (id, s) IN ((1, 'x'), (2, 'y')) AS f,
  (id, s) NOT IN ((1, 'x'), (2, 'y')) AS g,
  (id, j) = (2, 6) AS h,
  (id, j) IN ((2, 6), (3, 3)) AS i,
  r = ROW(2, 'y') AS k,
  r <> ROW(2, 'y') AS l,
  r IN (ROW(2, 'y')) AS m,
  r = ROW(id, s) AS n,
  ROW(id, ROW(j, s)) = ROW(2, ROW(6, 'y')) AS o,
  CASE (id, s) WHEN (2, 'y') THEN 'eq' ELSE 'other' END AS p,
  CASE WHEN (id, s) = (id, s) THEN 'eq' ELSE 'other' END AS q,
  IF((id, s) = (2, 'y'), 1, 2) AS u,
  (id, s) = (2.0, 'y') AS v
FROM t;
SELECT id FROM t WHERE (id, s) IN ((1, 'x'), (2, 'y'));
SELECT id FROM t WHERE (id, s) NOT IN ((1, 'x'), (2, 'y'));
SELECT a.id, b.id FROM t a JOIN t b ON (a.id, a.s) = (b.id, b.s);
