-- title: number-of-rows ends a random table; its values lie in their range
-- features: datagen
-- compare: final

CREATE TABLE g (a INT, s STRING, n INT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000000', 'number-of-rows' = '250',
  'fields.a.min' = '3', 'fields.a.max' = '5', 'fields.s.length' = '4', 'fields.n.null-rate' = '1');
SELECT COUNT(*) AS rows_, MIN(a) AS low, MAX(a) AS high, MIN(CHAR_LENGTH(s)) AS short, MAX(CHAR_LENGTH(s)) AS long_, COUNT(n) AS no_nulls FROM g;
