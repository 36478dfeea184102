-- title: A LOOKUP hint names a table of FROM
-- features: lookup join, error

CREATE TABLE l (k INT, p AS PROCTIME()) WITH ('connector' = 'datagen', 'number-of-rows' = '3');
CREATE TABLE d (k INT, n INT) WITH ('connector' = 'filesystem', 'path' = '/in/d.csv', 'format' = 'csv');
SELECT /*+ LOOKUP('table' = 'x') */ l.k, r.n FROM l JOIN d FOR SYSTEM_TIME AS OF l.p AS r ON l.k = r.k;
