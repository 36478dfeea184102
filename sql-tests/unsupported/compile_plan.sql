-- title: COMPILE PLAN is refused by name
-- features: unsupported

COMPILE PLAN 'p.json' FOR INSERT INTO t SELECT 1;
