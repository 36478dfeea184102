-- title: TABLESAMPLE is refused by name
-- features: unsupported

SELECT * FROM (VALUES 1, 2) TABLESAMPLE BERNOULLI (50);
