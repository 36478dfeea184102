-- title: LIMIT: nothing, fewer rows than there are, more than there are, under an aggregate
-- features: LIMIT, FETCH

SELECT v FROM (VALUES 1, 2, 3) AS t(v) LIMIT 2;
SELECT v FROM (VALUES 1, 2, 3) AS t(v) LIMIT 0;
SELECT v FROM (VALUES 1, 2, 3) AS t(v) FETCH FIRST 5 ROWS ONLY;
SELECT SUM(v) AS s FROM (SELECT v FROM (VALUES 5, 5, 5) AS t(v) LIMIT 2);
SELECT v FROM (VALUES 3, 1, 2) AS t(v) ORDER BY v LIMIT 2;
SELECT v FROM (VALUES 3, 1, 2) AS t(v) ORDER BY v DESC LIMIT 1 OFFSET 1;
