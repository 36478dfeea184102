-- title: LIMIT over updates: a row that goes away makes room
-- features: LIMIT, aggregates
-- compare: final

SELECT v, COUNT(*) AS n FROM (VALUES 'a', 'a', 'a') AS t(v) GROUP BY v LIMIT 1;
