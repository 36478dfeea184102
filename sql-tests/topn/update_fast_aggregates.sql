-- title: Top-N over MAX, MIN and SUM of one sign
-- features: topn, update-fast

CREATE TABLE s (id INT, k STRING, j STRING, v INT) WITH ('connector' = 'filesystem', 'path' = '${tmp}/s', 'format' = 'csv');
INSERT INTO s VALUES (0,'a','y',1),(1,'c','y',4),(2,'a','x',1),(3,'a','y',5),(4,'b','x',2),(5,'b','z',3),(6,'b','x',1),(7,'b','x',1),(8,'d','z',3),(9,'d','y',2),(10,'a','y',3),(11,'c','z',3),(12,'a','z',3),(13,'c','y',5),(14,'a','x',2),(15,'b','y',1),(16,'d','z',3),(17,'a','y',5),(18,'c','y',5),(19,'a','y',4),(20,'b','y',4),(21,'b','x',2),(22,'b','y',1),(23,'a','x',4),(24,'c','y',5),(25,'b','z',4),(26,'c','y',2),(27,'c','x',1),(28,'b','x',6),(29,'c','y',3),(30,'a','y',4),(31,'c','z',3),(32,'c','z',2),(33,'b','x',1),(34,'c','x',3),(35,'d','z',5),(36,'d','x',1),(37,'b','x',3),(38,'b','x',1),(39,'b','z',1);
SELECT k, j, mx FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY mx DESC, k, j) AS rn FROM (SELECT k, j, MAX(COALESCE(v, 0)) AS mx FROM s GROUP BY k, j)) WHERE rn <= 2;
SELECT k, j, mn, rn FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY j ORDER BY mn, k, j) AS rn FROM (SELECT k, j, MIN(COALESCE(v, 0)) AS mn FROM s GROUP BY k, j)) WHERE rn <= 2;
SELECT k, j, c FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY c DESC, k, j) AS rn FROM (SELECT k, j, SUM(CASE WHEN v > 3 THEN 1 ELSE 0 END) AS c FROM s GROUP BY k, j)) WHERE rn <= 3;
SELECT k, j, f FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY f DESC, k, j) AS rn FROM (SELECT k, j, SUM(v) FILTER (WHERE v > 2) AS f FROM s GROUP BY k, j)) WHERE rn <= 1;
SELECT k, j, d, mx FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY d DESC, mx DESC, k, j) AS rn FROM (SELECT k, j, COUNT(DISTINCT v) AS d, MAX(COALESCE(v, 0)) AS mx FROM s GROUP BY k, j)) WHERE rn <= 3;
SELECT k, j, mv FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY mv DESC, k, j) AS rn FROM (SELECT k, j, MAX(v) AS mv FROM s GROUP BY k, j)) WHERE rn <= 2;
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY n DESC, k, j) AS rn FROM (SELECT k, j, CAST(n AS INT) AS n FROM (SELECT k, j, COUNT(*) AS n FROM s GROUP BY k, j) WHERE k <> 'a')) WHERE rn <= 2;
SELECT k, SUM(v) AS t FROM s WHERE v > 0 GROUP BY k ORDER BY t DESC, k LIMIT 2;
