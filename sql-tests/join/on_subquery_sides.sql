-- title: IN and EXISTS in ON of outer joins, which read one of the sides
-- features: join, left, right, full, IN, EXISTS
-- compare: final

CREATE VIEW c AS SELECT * FROM (VALUES (1, 10), (2, 20), (3, 30)) AS t(id, v);
CREATE VIEW o AS SELECT oid, NULLIF(cid, 0) AS cid FROM (VALUES (10, 1), (11, 1), (12, 2), (13, 3), (14, 0)) AS t(oid, cid);
CREATE VIEW b AS SELECT * FROM (VALUES (10, 1), (12, 3), (13, 3)) AS t(k, w);
SELECT c.id, o.oid FROM c LEFT JOIN o ON c.id = o.cid AND o.oid IN (SELECT k FROM b);
SELECT c.id, o.oid FROM c RIGHT JOIN o ON c.id = o.cid AND o.oid IN (SELECT k FROM b);
SELECT c.id, o.oid FROM c FULL JOIN o ON c.id = o.cid AND NOT EXISTS (SELECT 1 FROM b WHERE b.w = c.id AND b.k < c.v);
SELECT c.id, o.oid FROM c FULL JOIN o ON c.id = o.cid AND EXISTS (SELECT 1 FROM b WHERE b.k = o.oid) AND c.id NOT IN (SELECT w FROM b WHERE k = 10);
SELECT c.id, o.oid FROM c LEFT JOIN o ON c.id = o.cid AND o.oid < (SELECT SUM(x.oid) FROM o AS x WHERE x.cid = c.id);
SELECT c.id, o.oid FROM c LEFT JOIN o ON c.id = o.cid AND o.oid = (SELECT MAX(x.oid) FROM o AS x WHERE x.cid = o.cid);
