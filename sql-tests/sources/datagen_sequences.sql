-- title: Sequences of datagen: the shortest ends the table
-- features: datagen
-- compare: final

CREATE TABLE g (a INT, b BIGINT, c STRING, d DOUBLE, e DECIMAL(6, 2), f SMALLINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000000',
  'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '9',
  'fields.b.kind' = 'sequence', 'fields.b.start' = '-2', 'fields.b.end' = '2',
  'fields.c.kind' = 'sequence', 'fields.c.start' = '7', 'fields.c.end' = '99',
  'fields.d.kind' = 'sequence', 'fields.d.start' = '0', 'fields.d.end' = '99',
  'fields.e.kind' = 'sequence', 'fields.e.start' = '10', 'fields.e.end' = '99',
  'fields.f.kind' = 'sequence', 'fields.f.start' = '100', 'fields.f.end' = '200');
SELECT * FROM g;
