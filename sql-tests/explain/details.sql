-- title: EXPLAIN with its details: change kinds, advice, the execution plan as JSON
-- features: EXPLAIN
SET 'parallelism.default' = '1';

CREATE TABLE src (a INT, b STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '2');
CREATE TABLE o (a INT) WITH ('connector' = 'blackhole');
EXPLAIN ESTIMATED_COST, CHANGELOG_MODE, JSON_EXECUTION_PLAN SELECT a, COUNT(*) FROM src WHERE a > 1 GROUP BY a;
EXPLAIN PLAN_ADVICE SELECT x.a FROM src AS x LEFT JOIN src AS y ON x.a = y.a;
EXPLAIN STATEMENT SET BEGIN INSERT INTO o SELECT a FROM src; INSERT INTO o SELECT a + 1 FROM src; END;
EXPLAIN CREATE TABLE q WITH ('connector' = 'blackhole') AS SELECT a FROM src;
SHOW TABLES;
