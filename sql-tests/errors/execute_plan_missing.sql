-- title: execute plan missing
-- features: errors

EXECUTE PLAN '${tmp}/nothing.json';
