-- title: SELECT DISTINCT over rows that are only appended sends each row once
-- features: DISTINCT

SELECT DISTINCT v FROM (VALUES 'b', 'a', 'b', 'a', 'c') AS t(v);
