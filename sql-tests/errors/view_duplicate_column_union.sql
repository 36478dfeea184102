-- title: A view of a union with two columns of one name
-- features: errors

CREATE DATABASE db1;
CREATE TABLE p (a INT, b STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE db1.p (a INT) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE q (a INT, z STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE VIEW v AS SELECT a, a FROM q UNION ALL SELECT 1, 2;
