-- title: Sub-queries in ON of outer joins
-- features: join, left, right, full, sub-query
-- compare: final

CREATE TABLE c (id INT, city STRING, tier INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/c', 'format' = 'json');
CREATE TABLE o (oid INT, cid INT, amt INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/o', 'format' = 'json');
INSERT INTO c VALUES (1, 'oslo', 1), (2, 'rome', 2), (3, 'oslo', CAST(NULL AS INT)), (4, 'bern', 1), (5, CAST(NULL AS STRING), 2);
INSERT INTO o VALUES (10, 1, 6), (11, 2, 7), (12, 3, 2), (13, CAST(NULL AS INT), 9), (15, 4, 3), (16, 4, 3), (17, 5, 5), (18, 1, 6);
SELECT c.id, o.oid FROM c LEFT JOIN o ON c.id = o.cid AND o.amt > (SELECT AVG(amt) FROM o);
SELECT c.id, o.oid FROM c RIGHT JOIN o ON c.id = o.cid AND o.amt > (SELECT AVG(amt) FROM o);
SELECT c.id, o.oid FROM c FULL JOIN o ON c.id = o.cid AND o.amt > (SELECT AVG(amt) FROM o);
SELECT c.id, o.oid FROM c LEFT JOIN o ON c.id = o.cid AND c.tier = (SELECT MIN(tier) FROM c);
SELECT c.id, o.oid, p.oid AS poid FROM c LEFT JOIN o ON c.id = o.cid AND c.tier = (SELECT MIN(tier) FROM c) LEFT JOIN o AS p ON p.cid = c.id AND p.oid < (SELECT MAX(oid) FROM o) - 1;
SELECT c.id, o.oid FROM c LEFT JOIN o ON c.id = o.cid AND o.amt > COALESCE((SELECT AVG(amt) FROM o WHERE oid > 100), 5) AND c.tier < (SELECT MAX(tier) FROM c);
SELECT c.id, o.oid FROM c LEFT JOIN o ON c.id = o.cid AND o.oid + c.id > (SELECT MAX(oid) FROM o WHERE oid < 15);
SELECT c.city, COUNT(o.oid) AS n, SUM(o.amt) AS s FROM c LEFT JOIN o ON c.id = o.cid AND o.amt >= (SELECT AVG(amt) FROM o) GROUP BY c.city;
