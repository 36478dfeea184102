-- title: One-day windows in a zone with a clock change have 23 and 25 hours
-- features: TIMESTAMP_LTZ, TUMBLE, time zones
-- compare: final

SET 'table.local-time-zone' = 'Europe/Berlin';
CREATE TABLE hours (h BIGINT, ts AS TO_TIMESTAMP_LTZ((1711749600 + h * 3600) * 1000, 3), WATERMARK FOR ts AS ts)
WITH ('connector' = 'datagen', 'rows-per-second' = '1000000', 'fields.h.kind' = 'sequence', 'fields.h.start' = '0', 'fields.h.end' = '71');
SELECT window_start, window_end, COUNT(*) AS hours_ FROM TUMBLE(TABLE hours, DESCRIPTOR(ts), INTERVAL '1' DAY) GROUP BY window_start, window_end;
