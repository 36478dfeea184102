-- title: A function whose language is Java by default is refused by name
-- features: unsupported

CREATE TEMPORARY FUNCTION f AS 'com.example.F';
