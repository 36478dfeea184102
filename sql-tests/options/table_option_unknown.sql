-- title: A table option that the connector does not know
-- features: options

CREATE TABLE a (id INT) WITH ('connector' = 'datagen', 'number-of-row' = '3');
SELECT * FROM a;
