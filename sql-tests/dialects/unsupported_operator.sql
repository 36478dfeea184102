-- What has no counterpart is named, with its place.
SET 'table.sql-dialect' = 'postgresql';
SELECT x, x ~ '^a' FROM (SELECT 'abc' AS x) AS t;
