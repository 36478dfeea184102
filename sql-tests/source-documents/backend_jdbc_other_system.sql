-- title: The state backend jdbc on a system that there is no driver for; no message shows the password
-- features: filesystem, csv, state backend, jdbc

CREATE TABLE other_system (key STRING) WITH (
    'connector' = 'filesystem', 'path' = 'file://${tmp}/flink/other_system', 'format' = 'csv', 'state.backend' = 'jdbc',
    'url' = 'jdbc:oracle:thin:scott/hidden@localhost:1521:db', 'checkpointing.interval' = '1s'
);
INSERT INTO other_system VALUES ('k1');
