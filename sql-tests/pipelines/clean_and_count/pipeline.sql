-- Two jobs: the second reads what the first has written.
CREATE TABLE raw_events (
  event ROW<id BIGINT, kind STRING>,
  tags ARRAY<STRING>,
  seen STRING
) WITH ('connector' = 'filesystem', 'path' = '/data/incoming', 'format' = 'json', 'source.monitor-interval' = '5 s', 'json.ignore-parse-errors' = 'true');

CREATE TABLE clean (id BIGINT, kind STRING, tag STRING, seen TIMESTAMP(0))
WITH ('connector' = 'filesystem', 'path' = '/data/clean', 'format' = 'csv');

CREATE TABLE rejected (id BIGINT, seen STRING) WITH ('connector' = 'filesystem', 'path' = '/data/rejected', 'format' = 'csv');

CREATE TABLE per_kind (kind STRING, events BIGINT) WITH ('connector' = 'print');

EXECUTE STATEMENT SET BEGIN
INSERT INTO clean SELECT event.id, UPPER(event.kind), tags[1], TRY_CAST(seen AS TIMESTAMP(0)) FROM raw_events WHERE TRY_CAST(seen AS TIMESTAMP(0)) IS NOT NULL;
INSERT INTO rejected SELECT event.id, seen FROM raw_events WHERE TRY_CAST(seen AS TIMESTAMP(0)) IS NULL;
END;

INSERT INTO per_kind SELECT kind, COUNT(*) FROM clean GROUP BY kind;
