-- title: A group whose NULL comes first gives its place away when it gets a value
-- features: topn
-- compare: final

CREATE TABLE s (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/s', 'format' = 'json');
INSERT INTO s VALUES (1, 'a', CAST(NULL AS INT)), (2, 'b', 1), (3, 'a', 9);
SELECT k, MIN(v) AS m FROM s GROUP BY k ORDER BY m LIMIT 1;
