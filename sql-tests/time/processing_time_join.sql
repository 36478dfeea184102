-- title: Windows of processing time are not joined
-- features: PROCTIME, window join, error

CREATE TABLE t (order_id BIGINT, product STRING, pt AS PROCTIME()) WITH ('connector' = 'filesystem', 'path' = '${dir}/data/orders.csv', 'format' = 'csv');
SELECT a.order_id, b.order_id
FROM TUMBLE(TABLE t, DESCRIPTOR(pt), INTERVAL '10' SECOND) a
JOIN TUMBLE(TABLE t, DESCRIPTOR(pt), INTERVAL '10' SECOND) b
ON a.product = b.product AND a.window_start = b.window_start AND a.window_end = b.window_end;
