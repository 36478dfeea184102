-- title: Two columns of one name in a view
-- features: CREATE VIEW, error
-- compare: changelog

CREATE VIEW v AS SELECT x, y AS x FROM (VALUES (1, 2)) AS t(x, y);
