-- title: CALL is refused by name
-- features: unsupported

CALL sys.compact('t');
