-- title: State TTL is accepted; nothing expires while the clock stands still
-- features: state TTL, aggregates
-- clock: 2024-05-01T00:00:00Z

SET 'table.exec.state.ttl' = '1 s';
SELECT v, COUNT(*) AS n FROM (VALUES 'a', 'b', 'a') AS t(v) GROUP BY v;
