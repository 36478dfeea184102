-- title: A table function is refused by name
-- features: unsupported

SELECT * FROM (VALUES ('a b')) AS t(s), LATERAL TABLE(split(s)) AS u(word);
