-- title: OFFSET without LIMIT
-- features: OFFSET, errors
-- compare: changelog

CREATE TABLE p (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/over.json', 'format' = 'json');
SELECT k, v FROM p OFFSET 3;
