-- title: The common column of USING and NATURAL is COALESCE of both, in the type that both have in common
-- features: join, USING, NATURAL, column types
-- compare: final

CREATE VIEW a AS SELECT CAST(id AS SMALLINT) AS id, CAST(n AS DECIMAL(10, 2)) AS n, p FROM (VALUES (1, 1.5, 'x'), (2, 2.0, 'y'), (4, 4.0, 'v')) AS t(id, n, p);
CREATE VIEW b AS SELECT id, CAST(n AS DECIMAL(12, 4)) AS n, q FROM (VALUES (1, 1.5, 'q'), (2, 2.0001, 'r'), (3, 3.0, 's')) AS t(id, n, q);
SELECT * FROM (SELECT id, p FROM a) a JOIN (SELECT id, q FROM b) b USING (id);
SELECT * FROM (SELECT id, p FROM a) a LEFT JOIN (SELECT id, q FROM b) b USING (id);
SELECT * FROM (SELECT id, p FROM a) a RIGHT JOIN (SELECT id, q FROM b) b USING (id);
SELECT * FROM (SELECT id, p FROM a) a FULL JOIN (SELECT id, q FROM b) b USING (id);
SELECT id, p FROM a JOIN b USING (id, n);
SELECT n, p, q FROM (SELECT n, p FROM a) a JOIN (SELECT n, q FROM b) b USING (n);
SELECT * FROM (SELECT n, p FROM a) a NATURAL LEFT JOIN (SELECT n, q FROM b) b;
SELECT id, COUNT(*) AS m FROM (SELECT id, p FROM a) a RIGHT JOIN (SELECT id, q FROM b) b USING (id) GROUP BY id;
SELECT * FROM (SELECT id, p FROM a) a JOIN (SELECT id, q FROM b) b USING (id) LEFT JOIN (SELECT CAST(id AS BIGINT) AS id, p AS r FROM a WHERE id > 1) c USING (id);
SELECT x.k, u.id FROM (VALUES (1), (5)) AS x(k) LEFT JOIN (SELECT * FROM (SELECT id, p FROM a) a JOIN (SELECT id, q FROM b) b USING (id)) u ON x.k = u.id;
