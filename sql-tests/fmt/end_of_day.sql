-- title: 24:00:00 in JSON and CSV: the next day of a timestamp, midnight as a TIME; a small t in ISO-8601
-- features: json, csv, TIMESTAMP, TIMESTAMP_LTZ, TIME

CREATE TABLE lines (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/iso', 'format' = 'raw');
INSERT INTO lines VALUES ('{"n":1,"a":"2024-01-01t12:30:15Z"}'), ('{"n":2,"a":"2024-01-01t24:00:00Z"}'), ('{"n":3,"a":"2024-01-01T24:00:00.000Z"}'), ('{"n":4,"a":"2024-01-01T24:00Z"}'), ('{"n":5,"a":"2024-01-01T24:00:01Z"}'), ('{"n":6,"a":"2024-01-01t12:30:15"}'), ('{"n":7,"a":"2024-01-01t12:30"}'), ('{"n":8,"a":"2024-01-01T24:00:00"}'), ('{"n":9,"a":"2024-01-01T23:59:60"}');
CREATE TABLE iso (n INT, a TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${tmp}/iso', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
SELECT * FROM iso;
CREATE TABLE iso_ltz (n INT, a TIMESTAMP_LTZ(3)) WITH ('connector' = 'filesystem', 'path' = '${tmp}/iso', 'format' = 'json', 'json.ignore-parse-errors' = 'true', 'json.timestamp-format.standard' = 'ISO-8601');
SELECT * FROM iso_ltz;
CREATE TABLE lines2 (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/plain', 'format' = 'raw');
INSERT INTO lines2 VALUES ('{"n":1,"a":"2024-12-31 24:00:00"}'), ('{"n":2,"a":"2024-01-01 24:00:00.000"}'), ('{"n":3,"a":"2024-01-01 24:00:00.001"}'), ('{"n":4,"a":"2024-01-01 24:01:00"}'), ('{"n":5,"a":"2024-01-01 24:00:01"}'), ('{"n":6,"a":"24:00:00.5"}'), ('{"n":7,"a":"24:00:00.0"}'), ('{"n":8,"a":"24:00:00"}'), ('{"n":9,"a":"2024-01-01 24:00:00Z"}');
CREATE TABLE plain (n INT, a TIMESTAMP(6)) WITH ('connector' = 'filesystem', 'path' = '${tmp}/plain', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
SELECT * FROM plain;
CREATE TABLE plain_ltz (n INT, a TIMESTAMP_LTZ(3)) WITH ('connector' = 'filesystem', 'path' = '${tmp}/plain', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
SELECT * FROM plain_ltz;
CREATE TABLE times (n INT, a TIME) WITH ('connector' = 'filesystem', 'path' = '${tmp}/plain', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
SELECT * FROM times;
CREATE TABLE lines3 (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/csv', 'format' = 'raw');
INSERT INTO lines3 VALUES ('1,2024-01-01 24:00:00,24:00:00'), ('2,2024-01-01 24:00:00Z,12:30'), ('3,2024-01-01 24:00,24:00'), ('4,2024-01-01 12:30:15,24:00:00.0');
CREATE TABLE csv1 (n INT, a TIMESTAMP(3), t TIME) WITH ('connector' = 'filesystem', 'path' = '${tmp}/csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
SELECT * FROM csv1;
CREATE TABLE csv2 (n INT, a TIMESTAMP_LTZ(3), t TIME) WITH ('connector' = 'filesystem', 'path' = '${tmp}/csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
SELECT * FROM csv2;
