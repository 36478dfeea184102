-- title: How FLOAT and DOUBLE values print (Flink 2.2.1 keeps the digits of a literal)
-- features: double, float, print format
-- compare: multiset

SELECT k, f4, f8, f8 * 10 AS x10, CAST(f8 AS STRING) AS s8, CAST(f4 AS DOUBLE) AS w, CAST(f8 AS FLOAT) AS nrw, f8 / 0 AS inf, f8 = -0.0 AS zero
FROM (VALUES ('a', CAST(0.1 AS FLOAT), CAST(0.1 AS DOUBLE)), ('b', CAST(1e7 AS FLOAT), CAST(1e7 AS DOUBLE)), ('c', CAST(123456.7 AS FLOAT), CAST(9999999.0 AS DOUBLE)), ('d', CAST(0.001 AS FLOAT), CAST(0.000999 AS DOUBLE)), ('e', CAST(1e-10 AS FLOAT), CAST(1e21 AS DOUBLE)), ('f', CAST(-0.0 AS FLOAT), CAST(-0.0 AS DOUBLE)), ('g', CAST(16777217 AS FLOAT), CAST(9007199254740993 AS DOUBLE))) AS t(k, f4, f8);
