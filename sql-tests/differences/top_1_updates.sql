-- title: A Top-1 in ascending order sends -U before +U (Flink 2.2.1 sends +U alone)
-- features: Top-N

SELECT k, v FROM (SELECT k, v, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v ASC) AS n FROM (VALUES ('a', 3), ('a', 2), ('b', 1), ('a', 5), ('a', 1)) AS t(k, v)) WHERE n = 1;
