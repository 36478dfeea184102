-- title: SET of a time zone that does not exist
-- features: SET, time zones

SET 'table.local-time-zone' = 'Europe/Atlantis';
