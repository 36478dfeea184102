-- title: A time before 1970 with a fraction of a second belongs to its own day (Flink 2.2.1: to the next)
-- features: CAST

SELECT CAST(TIMESTAMP '1969-12-31 23:59:59.5' AS DATE) AS d, CAST(TIMESTAMP '1960-02-29 00:00:00.001' AS DATE) AS l, CAST(TIMESTAMP '1970-01-01 00:00:00.001' AS DATE) AS after_;
