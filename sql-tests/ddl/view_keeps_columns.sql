-- title: A view keeps the columns and types that it had when it was made, whatever becomes of its tables
-- features: CREATE VIEW, ALTER TABLE, ALTER VIEW

CREATE TABLE p (a INT, b STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'datagen', 'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '1',
  'fields.b.kind' = 'sequence', 'fields.b.start' = '7', 'fields.b.end' = '7'
);
CREATE TABLE q (a INT, z INT) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE VIEW stars AS SELECT * FROM p;
CREATE VIEW twice AS SELECT * FROM p UNION ALL SELECT * FROM p;
CREATE VIEW typed AS SELECT a, b FROM p;
CREATE VIEW joined AS SELECT x.*, z FROM p AS x JOIN q ON x.a = q.a;
CREATE VIEW outside AS SELECT a FROM q WHERE EXISTS (SELECT 1 FROM p WHERE a = z);
CREATE VIEW windowed AS SELECT * FROM TABLE(TUMBLE(TABLE p, DESCRIPTOR(ts), INTERVAL '1' MINUTE));
CREATE VIEW inner_view AS SELECT a, b FROM p;
CREATE VIEW outer_view AS SELECT * FROM inner_view;
ALTER VIEW inner_view AS SELECT b, a FROM p;
SELECT a, b FROM outer_view;
ALTER TABLE p ADD (n INT FIRST, z ARRAY<INT>);
ALTER TABLE p MODIFY a BIGINT;
ALTER TABLE p MODIFY b BIGINT;
DESCRIBE typed;
SELECT a, b FROM stars;
SELECT a, b FROM twice;
SELECT * FROM typed;
SELECT a, b, z FROM joined;
SELECT a FROM outside;
SELECT a, b FROM windowed;
DROP TABLE p;
SHOW CREATE VIEW typed;
CREATE TABLE p (ts TIMESTAMP(3), b STRING, a INT) WITH (
  'connector' = 'datagen', 'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '1',
  'fields.b.kind' = 'sequence', 'fields.b.start' = '7', 'fields.b.end' = '7'
);
SELECT a, b FROM stars;
ALTER TABLE p DROP b;
SELECT * FROM typed;
