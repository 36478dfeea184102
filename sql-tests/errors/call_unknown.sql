-- title: call unknown
-- features: errors

CALL sys.compact('t');
