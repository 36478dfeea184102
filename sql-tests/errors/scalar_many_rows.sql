-- title: A scalar sub-query with more than one row fails the job
-- features: sub-query

SELECT k, (SELECT w FROM (VALUES (1, 5), (1, 6)) AS s(k, w) WHERE s.k = t.k) AS x FROM (VALUES (1)) AS t(k);
