-- title: ctas nullable key
-- features: errors

CREATE TABLE t (PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'blackhole') AS SELECT CAST(NULL AS INT) AS a;
