-- title: EXISTS of an aggregate without GROUP BY is TRUE whatever the tables hold
-- features: EXISTS, aggregate
-- compare: changelog

CREATE TABLE o (k INT, v INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/o', 'format' = 'json');
CREATE TABLE c (id INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/c', 'format' = 'json');
INSERT INTO o VALUES (1, 5), (1, 6), (2, 7);
INSERT INTO c VALUES (1), (2), (3);
SELECT id FROM c WHERE EXISTS (SELECT MAX(v) FROM o WHERE v > 100);
SELECT id FROM c WHERE NOT EXISTS (SELECT SUM(v) FROM o WHERE k = id);
SELECT id, EXISTS (SELECT SUM(v) FROM o WHERE v > 100) AS e FROM c;
SELECT id FROM c WHERE EXISTS (SELECT MAX(v) FROM o WHERE v > 100 UNION ALL SELECT 1 FROM o WHERE v > 100);
SELECT id FROM c WHERE EXISTS (SELECT MAX(v) FROM o LIMIT 0);
SELECT id FROM c WHERE EXISTS (SELECT SUM(v) FROM o WHERE v > 100 HAVING COUNT(*) > 0);
