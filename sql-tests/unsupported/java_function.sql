-- title: A Java function is refused by name
-- features: unsupported

CREATE FUNCTION f AS 'com.example.F' LANGUAGE JAVA;
