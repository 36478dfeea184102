-- title: create or replace view
-- features: errors

CREATE VIEW v AS SELECT 1 AS a;
CREATE OR REPLACE VIEW v AS SELECT 2 AS a;
