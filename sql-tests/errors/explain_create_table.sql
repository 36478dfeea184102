-- title: explain create table
-- features: errors

EXPLAIN CREATE TABLE t (a INT);
