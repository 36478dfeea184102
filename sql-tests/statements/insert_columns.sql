-- title: INSERT with a column list: the others are NULL; a NOT NULL column must be given
-- features: INSERT

CREATE TABLE p (a INT, b STRING, c BIGINT NOT NULL) WITH ('connector' = 'print');
INSERT INTO p (c, a) VALUES (1, 2);
INSERT INTO p (b) VALUES ('x');
