-- title: A key that a map does not have gives NULL (Flink 2.2.1: -1)
-- features: MAP

SELECT MAP['x', 1]['missing'] AS missing, MAP['x', 1]['x'] AS there;
