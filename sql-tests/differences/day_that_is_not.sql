-- title: A day that the calendar does not have is NULL with TRY_CAST (Flink 2.2.1: the 28th)
-- features: CAST

SELECT TRY_CAST('2023-02-29' AS TIMESTAMP(0)) AS t, TRY_CAST('2024-02-29' AS TIMESTAMP(0)) AS leap;
