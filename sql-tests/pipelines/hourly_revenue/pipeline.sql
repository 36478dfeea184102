-- The pipeline as it runs in production: orders come from Kafka, revenue goes to a database.
SET 'execution.checkpointing.interval' = '10 s';

CREATE TABLE orders (
  order_id BIGINT,
  item STRING,
  price DECIMAL(10, 2),
  quantity INT,
  ordered_at TIMESTAMP(3),
  topic_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
  WATERMARK FOR ordered_at AS ordered_at - INTERVAL '30' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'orders',
  'properties.bootstrap.servers' = 'kafka.internal:9092',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'
);

CREATE TABLE items (
  item STRING,
  category STRING
) WITH (
  'connector' = 'jdbc',
  'url' = 'jdbc:postgresql://db.internal/shop',
  'table-name' = 'items'
);

CREATE TABLE revenue (
  category STRING,
  hour_start TIMESTAMP(3),
  revenue DECIMAL(38, 2),
  orders BIGINT,
  last_seen TIMESTAMP_LTZ(3),
  PRIMARY KEY (category, hour_start) NOT ENFORCED
) WITH (
  'connector' = 'jdbc',
  'url' = 'jdbc:postgresql://db.internal/shop',
  'table-name' = 'revenue'
);

INSERT INTO revenue
SELECT i.category, FLOOR(o.ordered_at TO HOUR), SUM(o.price * o.quantity), COUNT(*), MAX(o.topic_time)
FROM orders AS o JOIN items AS i ON o.item = i.item
GROUP BY i.category, FLOOR(o.ordered_at TO HOUR);
