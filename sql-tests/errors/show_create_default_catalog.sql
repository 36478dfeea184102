-- title: show create default catalog
-- features: errors

SHOW CREATE CATALOG default_catalog;
