-- title: SOURCE_WATERMARK(), which no connector here gives; a parallelism of none
-- features: ddl.watermark, ddl.options
CREATE TABLE t (id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS SOURCE_WATERMARK()) WITH ('connector' = 'print', 'property-version' = '1', 'sink.parallelism' = '1');
DESCRIBE t;
SHOW CREATE TABLE t;
INSERT INTO t VALUES (1, TIMESTAMP '2024-01-01 00:00:00');
CREATE TABLE again LIKE t (EXCLUDING WATERMARKS);
DESCRIBE again;
ALTER TABLE t MODIFY WATERMARK FOR ts AS SOURCE_WATERMARK();
ALTER TABLE again ADD WATERMARK FOR ts AS SOURCE_WATERMARK();
DESCRIBE again;
CREATE TABLE wrong (id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS SOURCE_WATERMARK(1)) WITH ('connector' = 'print');
