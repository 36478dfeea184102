-- title: Casts with table.exec.legacy-cast-behaviour
-- features: cast
-- compare: changelog

SET 'table.exec.legacy-cast-behaviour' = 'ENABLED';
SELECT
  CAST(ARRAY[1, CAST(NULL AS INT)] AS STRING),
  CAST(ARRAY[ROW(1, 'a')] AS STRING),
  CAST(ROW(TRUE, ROW(1, CAST(NULL AS STRING))) AS STRING),
  CAST(MAP['a', CAST(NULL AS INT)] AS STRING),
  CAST(TRUE AS STRING),
  CAST('ab' AS VARCHAR(1)),
  CAST(DATE '2024-01-01' AS VARCHAR(4)),
  CAST('abc' AS VARBINARY(2)),
  TRY_CAST('abc' AS INT),
  TRY_CAST(12345 AS VARCHAR(3)),
  CAST(IF(RAND() > 2, '1', 'ab') AS CHAR(3)) || '|',
  CAST(IF(RAND() > 2, x'01', x'0102') AS BINARY(3)),
  CAST(CAST(NULL AS STRING) AS INT);
SELECT CAST(IF(RAND() > 2, '1', 'x') AS INT);
