-- title: Lookup joins with a file: keys, constants, residuals, computed columns, NULL keys, caches, hints
-- features: lookup join, FOR SYSTEM_TIME AS OF processing time

CREATE TABLE dim (id INT, kind STRING, label STRING, size_ INT, twice AS size_ * 2) WITH ('connector' = 'filesystem', 'path' = '${tmp}/dim', 'format' = 'json');
CREATE TABLE facts (n INT, id INT, k STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/facts', 'format' = 'json');
INSERT INTO dim VALUES (1, 'x', 'one', 10), (1, 'y', 'uno', 11), (2, 'x', 'two', 20), (3, 'y', 'tres', 30), (CAST(NULL AS INT), 'x', 'none', 0);
INSERT INTO facts VALUES (1, 1, 'x'), (2, 2, 'y'), (3, CAST(NULL AS INT), 'x'), (4, 3, 'x'), (5, 9, 'x');
CREATE VIEW l AS SELECT *, PROCTIME() AS p FROM facts;
SELECT l.n, d.label FROM l JOIN dim FOR SYSTEM_TIME AS OF l.p AS d ON l.id = d.id;
SELECT l.n, d.label, d.twice FROM l LEFT JOIN dim FOR SYSTEM_TIME AS OF l.p AS d ON l.id = d.id AND d.kind = 'x';
SELECT l.n, d.label FROM l LEFT JOIN dim FOR SYSTEM_TIME AS OF l.p AS d ON l.id = d.id AND l.k = d.kind AND d.size_ > l.n;
SELECT l.n, d.label FROM l JOIN dim FOR SYSTEM_TIME AS OF l.p AS d ON l.id + 1 = d.id AND d.twice > 30;
SELECT l.n, d.label FROM l LEFT JOIN dim FOR SYSTEM_TIME AS OF l.p AS d ON l.id = d.id WHERE d.size_ >= 20 AND l.n < 4;
SELECT l.n, d.label, e.label AS again FROM l JOIN dim FOR SYSTEM_TIME AS OF l.p AS d ON l.id = d.id JOIN dim FOR SYSTEM_TIME AS OF l.p AS e ON d.size_ = e.size_;
SELECT l.n, d.label FROM l JOIN dim /*+ OPTIONS('lookup.cache' = 'PARTIAL', 'lookup.partial-cache.max-rows' = '2') */ FOR SYSTEM_TIME AS OF l.p AS d ON l.id = d.id;
SELECT l.n, d.label FROM l LEFT JOIN dim /*+ OPTIONS('lookup.cache' = 'FULL', 'lookup.full-cache.periodic-reload.interval' = '1 h') */ FOR SYSTEM_TIME AS OF l.p AS d ON l.id = d.id;
SELECT /*+ LOOKUP('table' = 'd', 'async' = 'true', 'output-mode' = 'allow_unordered', 'capacity' = '10', 'timeout' = '1 min', 'retry-predicate' = 'lookup_miss', 'retry-strategy' = 'fixed_delay', 'fixed-delay' = '10 ms', 'max-attempts' = '2') */ l.n, d.label FROM l LEFT JOIN dim FOR SYSTEM_TIME AS OF l.p AS d ON l.id = d.id;
SELECT d.label, COUNT(*) AS c FROM l JOIN dim FOR SYSTEM_TIME AS OF l.p AS d ON l.id = d.id GROUP BY d.label;
SELECT c.id, c.n, d.label FROM (SELECT id, COUNT(*) AS n, PROCTIME() AS p FROM facts WHERE id < 3 GROUP BY id) AS c JOIN dim FOR SYSTEM_TIME AS OF c.p AS d ON c.id = d.id;
