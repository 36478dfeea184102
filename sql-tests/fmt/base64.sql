-- title: BYTES in JSON and CSV are base64 with its padding; blanks may stand between groups of four
-- features: json format, csv format, bytes
-- compare: changelog

CREATE TABLE j (i INT, a BYTES, z STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/base64.jsonl', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.decode.json-parser.enabled' = 'false');
SELECT * FROM j;
CREATE TABLE c (i INT, a VARBINARY(10), z STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/base64.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
SELECT * FROM c;
CREATE TABLE strict (i INT, a BYTES, z STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/base64.jsonl', 'format' = 'json');
SELECT * FROM strict;
