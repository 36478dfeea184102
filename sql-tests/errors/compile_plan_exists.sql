-- title: compile plan exists
-- features: errors

CREATE TABLE o (a INT) WITH ('connector' = 'blackhole');
COMPILE PLAN '${tmp}/p.json' FOR INSERT INTO o VALUES (1);
COMPILE PLAN '${tmp}/p.json' FOR INSERT INTO o VALUES (1);
