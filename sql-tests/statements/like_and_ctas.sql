-- title: CREATE TABLE LIKE with and without parts, CREATE TABLE AS
-- features: LIKE, CTAS

CREATE TABLE base (id INT, v STRING, ts TIMESTAMP(3), twice AS id * 2, WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/base', 'format' = 'csv');
CREATE TABLE copy_ (extra STRING) WITH ('path' = '${tmp}/copy') LIKE base (EXCLUDING WATERMARKS EXCLUDING GENERATED OVERWRITING OPTIONS);
DESCRIBE copy_;
INSERT INTO copy_ VALUES (1, 'a', TIMESTAMP '2024-01-01 00:00:01', 'x');
CREATE TABLE made WITH ('connector' = 'filesystem', 'path' = '${tmp}/made', 'format' = 'json') AS SELECT id + 1 AS next_id, extra FROM copy_;
SELECT * FROM made;
DESCRIBE made;
