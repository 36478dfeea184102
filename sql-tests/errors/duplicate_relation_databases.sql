-- title: Two tables of one name in FROM, of different databases
-- features: errors

CREATE DATABASE db1;
CREATE TABLE p (a INT, b STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE db1.p (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE q (a INT, z STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
SELECT p.a FROM p, db1.p;
