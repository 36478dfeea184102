-- title: Text that is no number as DECIMAL is NULL with TRY_CAST and an error with CAST (Flink 2.2.1: 0.00)
-- features: CAST

SELECT TRY_CAST('t' AS DECIMAL(5, 2)) AS t, TRY_CAST('1.5' AS DECIMAL(5, 2)) AS n;
SELECT CAST('t' AS DECIMAL(5, 2)) AS t;
