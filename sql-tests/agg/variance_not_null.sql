-- title: population variances of a column that is NOT NULL are NOT NULL where each group has a row
-- features: VAR_POP, STDDEV_POP, GROUP BY, FILTER, types
-- compare: final

CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES ('a', 1, 1.5e0, 2.50), ('a', 4, 2.5e0, 3.75), ('b', 7, 0.5e0, 1.25)) AS v(g, i, f, d);
SELECT g, VAR_POP(i) AS i, STDDEV_POP(f) AS f, VAR_POP(d) AS d, VAR_POP(1) AS c FROM t GROUP BY g;
SELECT g, VAR_POP(i) FILTER (WHERE f > 1) AS i, VAR_POP(NULLIF(i, 1)) AS n FROM t GROUP BY g;
SELECT VAR_POP(i) AS i, STDDEV_POP(f) AS f FROM t;
SELECT g, VAR_POP(i) AS i FROM t GROUP BY ROLLUP (g);
