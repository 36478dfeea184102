-- title: $1 in the replacement of REGEXP_REPLACE is the group (Flink 2.2.1: plain text)
-- features: REGEXP_REPLACE

SELECT REGEXP_REPLACE('a1b22', '([0-9]+)', '<$1>') AS r;
