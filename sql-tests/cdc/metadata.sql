-- title: Metadata of changelog records
-- features: debezium-json, canal-json, maxwell-json, ogg-json, METADATA
-- compare: changelog

CREATE TABLE debezium (
  at TIMESTAMP_LTZ(3) METADATA FROM 'ingestion-timestamp' VIRTUAL,
  origin TIMESTAMP_LTZ(3) METADATA FROM 'value.source.timestamp' VIRTUAL,
  db STRING METADATA FROM 'source.database' VIRTUAL,
  id INT,
  `file.name` STRING NOT NULL METADATA VIRTUAL
) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_debezium.json', 'format' = 'debezium-json');
SELECT id, at, origin, db, `file.name` FROM debezium;
CREATE TABLE canal (id INT, pk ARRAY<STRING> METADATA FROM 'pk-names' VIRTUAL, `event-timestamp` TIMESTAMP_LTZ(3) METADATA VIRTUAL)
WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_canal.json', 'format' = 'canal-json');
SELECT * FROM canal;
CREATE TABLE maxwell (`database` STRING METADATA VIRTUAL, id INT, `ingestion-timestamp` TIMESTAMP_LTZ(3) METADATA VIRTUAL)
WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_maxwell.json', 'format' = 'maxwell-json');
SELECT * FROM maxwell;
CREATE TABLE ogg (`table` STRING METADATA VIRTUAL, id INT, `event-timestamp` TIMESTAMP_LTZ(6) METADATA VIRTUAL)
WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_ogg.json', 'format' = 'ogg-json');
SELECT * FROM ogg;
CREATE TABLE wrong (id INT, `offset` BIGINT METADATA VIRTUAL) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/stock_ogg.json', 'format' = 'ogg-json');
SELECT * FROM wrong;
