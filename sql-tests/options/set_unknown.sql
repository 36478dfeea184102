-- title: SET of an option that is not known
-- features: SET

SET 'table.exec.state.ttl' = '1 h';
SET;
RESET 'table.exec.state.ttl';
SET;
SET 'table.exec.state.tll' = '1 h';
