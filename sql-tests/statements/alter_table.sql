-- title: ALTER TABLE: columns, options, keys, watermark, name
-- features: ALTER TABLE, DESCRIBE

CREATE TABLE t (id INT, v STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
ALTER TABLE t ADD (ts TIMESTAMP(3) COMMENT 'when', price DECIMAL(5, 2) FIRST, later AS id + 1);
ALTER TABLE t MODIFY id BIGINT NOT NULL;
ALTER TABLE t ADD PRIMARY KEY (id) NOT ENFORCED;
ALTER TABLE t ADD WATERMARK FOR ts AS ts - INTERVAL '5' SECOND;
DESCRIBE t;
ALTER TABLE t RENAME v TO name;
ALTER TABLE t DROP (price);
ALTER TABLE t DROP WATERMARK;
ALTER TABLE t SET ('number-of-rows' = '2');
ALTER TABLE t RESET ('rows-per-second');
ALTER TABLE t RENAME TO renamed;
SHOW CREATE TABLE renamed;
SHOW COLUMNS FROM renamed LIKE '%a%';
SELECT COUNT(*) AS n FROM renamed;
ALTER TABLE renamed DROP id;
