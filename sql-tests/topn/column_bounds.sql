-- title: what compares the row number with a column numbers all rows
-- features: topn
CREATE TABLE t (id INT, other TIMESTAMP(3), ts TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/computed_time.csv', 'format' = 'csv');
CREATE VIEW r AS SELECT *, ROW_NUMBER() OVER (PARTITION BY id / 4 ORDER BY ts) AS rn FROM t;
SELECT id, rn FROM r WHERE rn < 4 AND rn <= id - 1;
SELECT id, rn FROM r WHERE rn <= id - 1 AND rn < 4;
SELECT id, rn FROM r WHERE rn <= 3 AND rn = id;
SELECT id, rn FROM r WHERE rn = id;
SELECT id, rn FROM r WHERE rn <= id AND rn > 1;
SELECT id, rn FROM r WHERE rn < 3 AND rn * 2 > rn + 1;
