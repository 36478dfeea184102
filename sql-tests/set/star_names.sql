-- title: A column that * brings gets another name where its own is taken
-- features: star, join, view, WITH, CREATE TABLE AS
-- compare: final

CREATE VIEW a AS SELECT * FROM (VALUES (1, 'x', 7), (2, 'y', 8)) AS t(id, nm, tier);
CREATE VIEW j AS SELECT * FROM a JOIN (SELECT id, tier FROM a) b ON a.id = b.id;
DESCRIBE j;
SELECT id0, tier0, nm FROM j WHERE tier0 > 7;
SELECT id0, id FROM (SELECT id, * FROM a) AS t WHERE id = 1;
SELECT t.id0, t.nm0 FROM (SELECT a.*, b.* FROM a JOIN a AS b ON a.id = b.id) AS t;
SELECT t.id0, t.id1 FROM (SELECT * FROM a, a AS b, a AS c WHERE a.id = b.id AND b.id = c.id) AS t;
SELECT * FROM (SELECT a.id + 1 AS id0, a.*, b.* FROM a JOIN a AS b ON a.id = b.id) AS t;
WITH w AS (SELECT * FROM a JOIN (SELECT id, tier FROM a) AS b ON a.id = b.id) SELECT id0, tier0 FROM w;
SELECT qty0, sku FROM (SELECT x.qty, x.* FROM (VALUES (ARRAY[ROW('s', 1), ROW('t', 2)])) AS v(items) CROSS JOIN UNNEST(items) AS x(sku, qty));
SELECT * FROM a JOIN a AS b ON a.id = b.id ORDER BY id0 LIMIT 1;
