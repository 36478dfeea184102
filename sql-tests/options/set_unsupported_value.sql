-- title: A value that Flink knows and millrace does not run
-- features: SET

SET 'execution.checkpointing.checkpoints-after-tasks-finish.enabled' = 'false';
