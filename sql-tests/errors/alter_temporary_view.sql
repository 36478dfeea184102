-- title: alter temporary view
-- features: errors

CREATE TEMPORARY VIEW t AS SELECT 1 AS a;
ALTER VIEW t RENAME TO v;
