-- title: A key over a nullable column of the other table
-- features: errors

CREATE TABLE src (id INT NOT NULL, v STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE a (PRIMARY KEY (v) NOT ENFORCED) LIKE src;
