-- title: COMPILE PLAN, EXECUTE PLAN, COMPILE AND EXECUTE PLAN
-- features: compiled plans
-- compare: final

CREATE TABLE src (a INT, b STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'filesystem', 'path' = '${tmp}/src', 'format' = 'csv');
INSERT INTO src VALUES (1, 'x', TIMESTAMP '2024-01-01 00:00:01'), (2, 'y', TIMESTAMP '2024-01-01 00:00:02'), (3, 'x', TIMESTAMP '2024-01-01 00:01:00');
CREATE TABLE o (b STRING, n BIGINT, e TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = '${tmp}/o', 'format' = 'csv');
COMPILE PLAN '${tmp}/p.json' FOR INSERT INTO o SELECT b, COUNT(*), window_end FROM TABLE(TUMBLE(TABLE src, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE a <> 2 AND b IN ('x', 'y') GROUP BY b, window_start, window_end;
COMPILE PLAN '${tmp}/p.json' IF NOT EXISTS FOR INSERT INTO o SELECT 'other', 0, TIMESTAMP '2024-01-01 00:00:00';
EXECUTE PLAN '${tmp}/p.json';
SELECT * FROM o;
DROP TABLE src;
EXECUTE PLAN '${tmp}/p.json';
SELECT COUNT(*) FROM o;
