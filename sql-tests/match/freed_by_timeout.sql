-- title: A match that waited comes out when WITHIN ends what it waited for
-- features: MATCH_RECOGNIZE, WITHIN, MATCH_ROWTIME
-- compare: changelog

CREATE TABLE ev (id INT, kind STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'filesystem', 'path' = '${tmp}/ev', 'format' = 'json');
INSERT INTO ev VALUES (1, 'a', TIMESTAMP '2024-01-01 00:00:01.000'), (2, 'b', TIMESTAMP '2024-01-01 00:00:02.000'), (3, 'c', TIMESTAMP '2024-01-01 00:00:03.000'), (4, 'x', TIMESTAMP '2024-01-01 00:00:04.000'), (5, 'x', TIMESTAMP '2024-01-01 00:00:08.250'), (6, 'a', TIMESTAMP '2024-01-01 00:00:08.500'), (7, 'b', TIMESTAMP '2024-01-01 00:00:09.000'), (8, 'c', TIMESTAMP '2024-01-01 00:00:09.500');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS a, C.id AS c, CASE WHEN MATCH_ROWTIME() < TIMESTAMP '2030-01-01 00:00:00' THEN CAST(MATCH_ROWTIME() AS STRING) ELSE 'at the end' END AS rt AFTER MATCH SKIP PAST LAST ROW PATTERN (A B*? C) WITHIN INTERVAL '5' SECOND DEFINE A AS A.kind <> 'x', B AS TRUE, C AS (A.kind = 'b' AND C.kind = 'c') OR C.kind = 'z');
SELECT * FROM ev MATCH_RECOGNIZE (ORDER BY ts MEASURES A.id AS a, C.id AS c, C.ts AS cts AFTER MATCH SKIP TO NEXT ROW PATTERN (A B*? C) WITHIN INTERVAL '5' SECOND DEFINE A AS A.kind <> 'x', B AS TRUE, C AS (A.kind = 'b' AND C.kind = 'c') OR C.kind = 'z');
