-- title: A database with tables is not dropped without CASCADE
-- features: DROP DATABASE

CREATE DATABASE d;
CREATE TABLE d.t (id INT) WITH ('connector' = 'blackhole');
DROP DATABASE d RESTRICT;
