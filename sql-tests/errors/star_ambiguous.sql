-- title: SELECT * over a derived table with two columns of one name
-- features: errors

CREATE DATABASE db1;
CREATE TABLE p (a INT, b STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE db1.p (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE q (a INT, z STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
SELECT * FROM (SELECT p.a, q.a FROM p JOIN q ON p.a = q.a);
