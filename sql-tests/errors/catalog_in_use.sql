-- title: catalog in use
-- features: errors

DROP CATALOG default_catalog;
