-- title: A watermark on a processing time
-- features: errors

CREATE TABLE t (a INT, p AS PROCTIME(), WATERMARK FOR p AS p) WITH ('connector' = 'datagen');
