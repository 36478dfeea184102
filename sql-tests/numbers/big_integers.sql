-- title: BIGINT beyond 2^53: exact in arithmetic, aggregates, text and files
-- features: BIGINT
-- compare: final

CREATE TABLE big (id STRING, v BIGINT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/big', 'format' = 'json');
INSERT INTO big VALUES ('a', 9007199254740993), ('b', 9223372036854775807), ('c', -9223372036854775807 - 1), ('d', 9007199254740992);
SELECT id, v, CAST(v AS STRING) AS text, v = 9007199254740993 AS same FROM big;
SELECT MAX(v) AS top, MIN(v) AS low, SUM(v) AS s, COUNT(DISTINCT v) AS d FROM big WHERE id IN ('a', 'd');
SELECT id FROM big WHERE v > 9007199254740992;
SELECT b.id FROM big AS b JOIN (VALUES CAST('9007199254740993' AS BIGINT)) AS k(v) ON b.v = k.v;
SELECT 9223372036854775807 + 1 AS wraps, -9223372036854775807 - 2 AS wraps_low, CAST(2147483647 AS INT) + 1 AS int_wraps, 9007199254740993 * 3 AS product, 9007199254740993 / 2 AS quotient, MOD(9007199254740993, 10) AS rest;
