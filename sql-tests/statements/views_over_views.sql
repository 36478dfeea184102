-- title: Views over views: columns renamed, names shadowed, dropped base
-- features: CREATE VIEW, ALTER VIEW, DROP VIEW

CREATE VIEW base (id, city) AS VALUES (1, 'Rome'), (2, 'Oslo'), (3, 'Rome');
CREATE VIEW per_city AS SELECT city, COUNT(*) AS n FROM base GROUP BY city;
CREATE VIEW big AS SELECT * FROM per_city WHERE n > 1;
CREATE TEMPORARY VIEW named (town, `how many`) AS SELECT * FROM big;
SELECT * FROM named;
ALTER VIEW base AS SELECT id, city FROM (VALUES (9, 'Bern'), (8, 'Bern')) AS t(id, city);
SELECT * FROM named;
SHOW VIEWS;
DROP VIEW per_city;
DROP TEMPORARY VIEW IF EXISTS nothing;
SHOW VIEWS LIKE '%a%';
SELECT * FROM named;
