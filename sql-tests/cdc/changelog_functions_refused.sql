-- title: FROM_CHANGELOG without UPDATE_BEFORE needs a key
-- features: FROM_CHANGELOG
-- compare: changelog

CREATE TABLE codes (op STRING, id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/codes', 'format' = 'json');
SELECT * FROM FROM_CHANGELOG(TABLE codes, DESCRIPTOR(op), MAP['u', 'UPDATE_AFTER']);
