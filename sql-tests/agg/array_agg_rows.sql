-- title: ARRAY_AGG of rows: its type is nullable where a field is
-- features: ARRAY_AGG, ROW
-- compare: changelog

SELECT ARRAY_AGG(ROW(1, k)) AS a, ARRAY_AGG(ROW(1, 'x')) AS b, ARRAY_AGG(ARRAY[k]) AS c, ARRAY_AGG(ROW(1, ROW(k))) AS d FROM (VALUES ('u'), (CAST(NULL AS STRING))) AS t(k);
