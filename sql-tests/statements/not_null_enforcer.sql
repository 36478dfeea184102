-- title: A NULL for a NOT NULL column: the job fails, or the row is dropped
-- features: table.exec.sink.not-null-enforcer

CREATE TABLE p (a INT NOT NULL) WITH ('connector' = 'print');
SET 'table.exec.sink.not-null-enforcer' = 'DROP';
INSERT INTO p SELECT NULLIF(v, 2) FROM (VALUES 1, 2, 3) AS t(v);
SET 'table.exec.sink.not-null-enforcer' = 'ERROR';
INSERT INTO p SELECT NULLIF(v, 2) FROM (VALUES 1, 2, 3) AS t(v);
