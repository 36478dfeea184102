-- title: UNIX_TIMESTAMP of a text with an offset of its own, in a time zone far from UTC
-- features: unix_timestamp, time zone
-- compare: changelog

SET 'table.local-time-zone' = 'America/New_York';
SELECT
  UNIX_TIMESTAMP('2024-01-02 03:04:05 +0200', 'yyyy-MM-dd HH:mm:ss Z'),
  UNIX_TIMESTAMP('2024-01-02 03:04:05+02:00', 'yyyy-MM-dd HH:mm:ssXXX'),
  UNIX_TIMESTAMP('2024-01-02T03:04:05Z', 'yyyy-MM-dd''T''HH:mm:ssX'),
  UNIX_TIMESTAMP('2024-01-02T03:04:05Z', 'yyyy-MM-dd''T''HH:mm:ss''Z'''),
  UNIX_TIMESTAMP('2024-01-02 03:04:05 UTC', 'yyyy-MM-dd HH:mm:ss z'),
  UNIX_TIMESTAMP('2024-01-02 03:04:05 GMT+03:00', 'yyyy-MM-dd HH:mm:ss z'),
  UNIX_TIMESTAMP('2024-01-02 03:04:05', 'yyyy-MM-dd HH:mm:ss'),
  FROM_UNIXTIME(UNIX_TIMESTAMP('2024-01-02 23:04:05 -0800', 'yyyy-MM-dd HH:mm:ss Z'), 'yyyy-MM-dd HH:mm:ssXXX')
FROM (VALUES (1)) AS t(x);
