-- title: UNNEST: comma, LEFT with conditions, ordinality, names, NULL collections, multisets, nested and alone
-- features: UNNEST
-- compare: final

CREATE VIEW t AS SELECT * FROM (VALUES (1, ARRAY[1, 2, CAST(NULL AS INT)]), (2, CAST(NULL AS ARRAY<INT>)), (3, ARRAY[5])) AS t(k, arr);
CREATE VIEW m AS SELECT * FROM (VALUES (1, MAP['a', 1, 'b', 2]), (2, CAST(NULL AS MAP<STRING, INT>))) AS t(k, mp);
SELECT k, x FROM t, UNNEST(arr) AS u(x);
SELECT * FROM t CROSS JOIN UNNEST(arr) AS u;
SELECT * FROM t CROSS JOIN UNNEST(arr);
SELECT k, x FROM t LEFT JOIN UNNEST(arr) AS u(x) ON x > 1;
SELECT k, x FROM t JOIN UNNEST(arr) AS u(x) ON x > 1;
SELECT k, x, i FROM t LEFT JOIN UNNEST(arr) WITH ORDINALITY AS u(x, i) ON TRUE;
SELECT * FROM t CROSS JOIN UNNEST(arr) WITH ORDINALITY;
SELECT * FROM m CROSS JOIN UNNEST(mp);
SELECT * FROM m LEFT JOIN UNNEST(mp) WITH ORDINALITY AS u(a, b, c) ON TRUE;
SELECT x, i FROM UNNEST(ARRAY[1, 2, 3]) WITH ORDINALITY AS u(x, i);
SELECT k, y FROM (VALUES (1, ARRAY[ARRAY[1, 2], ARRAY[3]])) AS v(k, aa) CROSS JOIN UNNEST(aa) AS u(x) CROSS JOIN UNNEST(x) AS w(y);
SELECT k, x FROM t CROSS JOIN UNNEST(ARRAY[k, k + 1]) AS u(x) WHERE x > 1 AND k < 3;
SELECT k, a, b FROM t CROSS JOIN UNNEST(ARRAY[CAST(NULL AS ROW<a INT, b STRING>), ROW(1, 'x')]) AS u(a, b);
SELECT t.k, a.w, z FROM t, (VALUES (7), (8)) AS a(w) CROSS JOIN UNNEST(ARRAY[t.k, a.w]) AS u(z);
SELECT k, x FROM t LEFT JOIN UNNEST(arr) AS u(x) ON k = 1;
