-- title: PRINTF of NULL is cut to the precision; a CHAR is filled up by characters
-- features: printf, cast
-- compare: changelog

CREATE TABLE t (i INT, d DOUBLE, s STRING) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/padding.jsonl', 'format' = 'json');
SELECT PRINTF('%.2f|%6.3e|%5d|%s|%-6x|', d, d, i, s, i) AS p, CAST(s AS CHAR(3)) || '|' AS c, CAST(s AS CHAR(1)) || '|' AS c1 FROM t;
