-- title: Rows behind the watermark: late for a window that has fired, in time for a longer one
-- features: watermark, late rows
-- compare: final

CREATE TABLE clicks (page STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/late.csv', 'format' = 'csv', 'scan.watermark.emit.strategy' = 'on-event');
SELECT page, window_start, COUNT(*) AS n FROM TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY page, window_start, window_end;
SELECT window_start, window_end, COUNT(*) AS n FROM TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end;
SELECT COUNT(*) AS all_rows FROM clicks;
