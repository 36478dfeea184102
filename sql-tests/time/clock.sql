-- title: The header's clock and seed: time functions stand still, RAND and UUID repeat
-- features: clock, seed
-- clock: 2024-02-29T12:34:56.789Z
-- seed: 42
-- compare: final

SELECT CURRENT_TIMESTAMP AS now_, CURRENT_DATE AS today, CURRENT_TIME AS t, LOCALTIMESTAMP AS l, LOCALTIME AS lt, NOW() AS n, UNIX_TIMESTAMP() AS u, CURRENT_ROW_TIMESTAMP() AS r, PROCTIME() AS p;
SET 'table.local-time-zone' = 'Asia/Tokyo';
SELECT CURRENT_TIMESTAMP AS now_, CURRENT_DATE AS today, LOCALTIMESTAMP AS l, LOCALTIME AS lt;
SELECT RAND() AS a, RAND() AS b, RAND_INTEGER(10) AS c, CHAR_LENGTH(UUID()) AS u;
SELECT v, RAND(7) >= 0 AS seeded FROM (VALUES 1, 2) AS t(v);
