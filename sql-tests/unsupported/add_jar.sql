-- title: ADD JAR is refused by name
-- features: unsupported

ADD JAR '/tmp/functions.jar';
