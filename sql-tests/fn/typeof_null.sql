-- title: TYPEOF of a NULL without a type
-- features: functions

SELECT TYPEOF(NULL) AS b, CHAR_LENGTH(TYPEOF(NULL)) AS c, TYPEOF(NULL, TRUE) AS d;
