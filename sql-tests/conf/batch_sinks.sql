-- title: Batch mode: aggregates into files and print
-- features: batch mode

SET 'execution.runtime-mode' = 'batch';
CREATE TABLE f (b STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/f', 'format' = 'csv');
CREATE TABLE p (b STRING, n BIGINT) WITH ('connector' = 'print');
INSERT INTO f SELECT b, COUNT(*) FROM (VALUES ('x'), ('y'), ('x')) AS t(b) GROUP BY b;
SELECT * FROM f;
INSERT INTO p SELECT b, COUNT(*) FROM (VALUES ('x'), ('x')) AS t(b) GROUP BY b;
