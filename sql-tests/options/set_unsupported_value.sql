-- title: A value that Flink knows and millrace does not run
-- features: SET

SET 'state.synchronization' = 'continuous';
