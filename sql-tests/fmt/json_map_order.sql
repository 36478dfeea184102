-- title: a MAP that is read has its keys in the order of Flink's rows
-- features: json, MAP, UNNEST, MAP_KEYS
-- compare: changelog

CREATE TABLE txt (line STRING) WITH ('connector' = 'filesystem', 'path' = '${tmp}/o', 'format' = 'raw');
INSERT INTO txt VALUES ('{"m": {"b": 1, "c": 2, "a": 3}}'), ('{"m": {"zeta": 1, "éclair": 2, "": 3, "a longer key": 4, "😀": null, "ab": 6, "abc": 7, "b": 8, "zeta": 9}}'),
  ('{"m": {"k0": 0, "k1": 1, "k2": 2, "k3": 3, "k4": 4, "k5": 5, "k6": 6, "k7": 7, "k8": 8, "k9": 9, "k10": 10, "k11": 11, "k12": 12, "k13": 13}}'), ('{"m": {}}'), ('{"m": {"c": 1, "b": 2}}');
CREATE TABLE t (m MAP<STRING, INT>) WITH ('connector' = 'filesystem', 'path' = '${tmp}/o', 'format' = 'json');
SELECT m, MAP_KEYS(m) AS k FROM t;
SELECT u.k, u.v FROM t CROSS JOIN UNNEST(t.m) AS u (k, v) WHERE CARDINALITY(m) < 9;
