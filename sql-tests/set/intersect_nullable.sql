-- title: INTERSECT and EXCEPT: a column may be NULL where that of either side may
-- features: INTERSECT, EXCEPT, column types
-- compare: final

CREATE VIEW a AS SELECT * FROM (VALUES (1), (2), (2), (4)) AS t(id);
CREATE VIEW b AS SELECT NULLIF(k, 0) AS k FROM (VALUES (0), (2), (3), (4), (4)) AS t(k);
SELECT id FROM a INTERSECT SELECT k FROM b;
SELECT id FROM a EXCEPT SELECT k FROM b;
SELECT id FROM a INTERSECT ALL SELECT k FROM b;
SELECT k FROM b EXCEPT SELECT id FROM a;
SELECT id FROM a INTERSECT SELECT id FROM a WHERE id > 1;
