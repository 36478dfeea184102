-- title: function alter temporary
-- features: errors

ALTER TEMPORARY FUNCTION f AS 'x';
