-- title: Columns of one name from a star get numbers, so that an enclosing query can name them
-- features: star

CREATE VIEW p (a, b) AS VALUES (1, 'x');
CREATE VIEW q (a, z) AS VALUES (1, 'y');
SELECT a0, z FROM (SELECT * FROM p CROSS JOIN q);
SELECT a, a0 FROM (SELECT p.*, q.* FROM p CROSS JOIN q);
SELECT a1, a0, a FROM (SELECT q.*, q.*, p.* FROM p CROSS JOIN q);
SELECT a, b FROM (SELECT * FROM p CROSS JOIN q) AS s;
SELECT s.* FROM (SELECT * FROM p CROSS JOIN q) AS s;
