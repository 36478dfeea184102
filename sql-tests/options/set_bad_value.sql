-- title: SET of a value that the option does not take
-- features: SET

SET 'execution.checkpointing.tolerable-failed-checkpoints' = 'many';
