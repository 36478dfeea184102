-- title: A statement set reads its common source once and fills all sinks
-- features: statement set

CREATE TABLE orders (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/pairs.csv', 'format' = 'csv');
CREATE TABLE a (id INT, v STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/a', 'format' = 'json');
CREATE TABLE b (n BIGINT, longest INT) WITH ('connector' = 'print');
CREATE VIEW lengths AS SELECT id, CHAR_LENGTH(v) AS len FROM orders;
EXECUTE STATEMENT SET BEGIN
INSERT INTO a SELECT id, UPPER(v) FROM orders WHERE id <> 2;
INSERT INTO a (v) SELECT CAST(len AS STRING) FROM lengths;
INSERT INTO b SELECT COUNT(*), MAX(len) FROM lengths;
END;
SELECT * FROM a;
