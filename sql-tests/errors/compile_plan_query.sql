-- title: compile plan query
-- features: errors

COMPILE PLAN '${tmp}/p.json' FOR SELECT 1;
