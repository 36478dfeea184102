-- title: LIKE with ALL twice
-- features: errors

CREATE TABLE src (id INT NOT NULL, v STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '0');
CREATE TABLE a LIKE src (INCLUDING ALL EXCLUDING ALL);
