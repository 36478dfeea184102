-- title: Databases: USE, names with dots, SHOW in another database, DROP CASCADE
-- features: CREATE DATABASE, USE, SHOW

CREATE DATABASE sales COMMENT 'of the shop' WITH ('owner' = 'me');
CREATE DATABASE IF NOT EXISTS sales;
SHOW DATABASES;
CREATE TABLE sales.orders (id INT) WITH ('connector' = 'blackhole');
USE sales;
SHOW CURRENT DATABASE;
SHOW TABLES;
SHOW TABLES FROM default_database;
CREATE TABLE default_catalog.default_database.other (x INT) WITH ('connector' = 'blackhole');
DESCRIBE default_catalog.default_database.other;
USE default_database;
SHOW TABLES IN sales LIKE 'ord%';
SHOW TABLES NOT LIKE 'o%';
SHOW CURRENT CATALOG;
SHOW CATALOGS;
DROP DATABASE sales CASCADE;
SHOW DATABASES LIKE 's%';
USE sales;
