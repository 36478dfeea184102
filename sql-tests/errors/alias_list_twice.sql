-- title: A name twice in a list of column aliases
-- features: errors

SELECT b FROM (VALUES (1, 2, 3)) AS t (a, b, a);
