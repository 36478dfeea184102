-- title: Aggregates of ROLLUP, CUBE and GROUPING SETS over columns that are NOT NULL are NOT NULL, also for the empty set
-- features: GROUPING SETS

CREATE VIEW t (id, name, amt) AS VALUES (1, 'ann', 10), (2, 'bob', 20);
SELECT name, SUM(amt) AS s, MAX(amt) AS m, AVG(amt) AS a FROM t GROUP BY ROLLUP (name);
SELECT SUM(amt) AS s FROM t GROUP BY CUBE (name, id) HAVING SUM(amt) > 10;
SELECT SUM(amt) AS s FROM t WHERE id > 5 GROUP BY GROUPING SETS ((), (name));
SELECT SUM(amt) AS s FROM t GROUP BY ();
SELECT SUM(amt) AS s FROM t GROUP BY (), ();
SET 'execution.runtime-mode' = 'batch';
SELECT SUM(amt) AS s FROM t WHERE id > 5 GROUP BY ();
SELECT SUM(amt) AS s FROM t WHERE id > 5 GROUP BY ROLLUP (name);
