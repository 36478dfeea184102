-- title: ALTER TABLE IF EXISTS of a table that is not there does nothing; without IF EXISTS it is an error
-- features: ALTER TABLE

ALTER TABLE IF EXISTS nothing RENAME TO something;
ALTER TABLE nothing RENAME TO something;
