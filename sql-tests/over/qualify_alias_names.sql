-- title: QUALIFY sees the names of the select list, before those of the tables
-- features: OVER, QUALIFY
-- compare: final

CREATE TABLE c (id INT, city STRING, tier INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/c', 'format' = 'json');
INSERT INTO c VALUES (1, 'oslo', 1), (2, 'rome', 3), (3, 'oslo', CAST(NULL AS INT)), (4, 'bern', 1), (5, CAST(NULL AS STRING), 2), (6, 'rome', 2);
SELECT id, tier, ROW_NUMBER() OVER (PARTITION BY city ORDER BY id DESC) AS rn FROM c QUALIFY rn = 1;
SELECT id, tier * 2 AS t2, ROW_NUMBER() OVER (PARTITION BY city ORDER BY id) AS rn FROM c QUALIFY rn = 1 AND t2 > 2;
SELECT id AS tier, ROW_NUMBER() OVER (ORDER BY id) AS rn FROM c QUALIFY rn <= 6 AND tier > 2;
SELECT id, tier * 2 AS t2 FROM c QUALIFY ROW_NUMBER() OVER (PARTITION BY city ORDER BY t2 DESC) = 1;
SELECT DISTINCT city, ROW_NUMBER() OVER (PARTITION BY city ORDER BY id) AS rn FROM c QUALIFY rn <= 1;
SELECT * FROM (SELECT a.*, ROW_NUMBER() OVER (PARTITION BY a.city ORDER BY b.id) AS rn FROM c AS a JOIN c AS b ON a.id = b.id QUALIFY rn < 2);
SELECT id, tier AS t, tier + 1 AS t FROM c QUALIFY ROW_NUMBER() OVER (PARTITION BY city ORDER BY id) = t;
