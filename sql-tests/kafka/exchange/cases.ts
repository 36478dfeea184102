import type { TextRecord } from "./records.ts";

/** A table that both engines write and read: the DDL, what goes in, and how it is looked at. */
export interface ExchangeCase {
  readonly name: string;
  readonly partitions: number;
  readonly connector: "kafka" | "upsert-kafka";
  readonly columns: string;
  /** Besides connector, topic, servers and bounds. */
  readonly options: string;
  /** SET statements of who writes. */
  readonly settings?: readonly string[];
  /** What stands behind INSERT INTO t. */
  readonly rows: string;
  /** What stands between SELECT and FROM t. */
  readonly shown: string;
  /** The records' times are written, so that they can be compared. */
  readonly timed?: boolean;
  /** One record after the other: the order is compared too. */
  readonly ordered?: boolean;
}

const CHANGES = "SELECT name, SUM(x) FROM (VALUES ('a', 1), ('b', 5), ('a', 2)) AS v (name, x) GROUP BY name";
const TYPES = `yes BOOLEAN, i1 TINYINT, i2 SMALLINT, i4 INT, i8 BIGINT, f4 FLOAT, f8 DOUBLE, amount DECIMAL(10, 2), name STRING,
  code CHAR(3), data BYTES, d DATE, t TIME(0), ts3 TIMESTAMP(3), ts9 TIMESTAMP(9), ltz TIMESTAMP_LTZ(3), list ARRAY<INT>, r ROW<x INT, y STRING>`;
const TYPED_ROWS = `VALUES
  (TRUE, CAST(-1 AS TINYINT), CAST(2 AS SMALLINT), 3, CAST(9007199254740993 AS BIGINT), CAST(1.5 AS FLOAT), CAST(1E10 AS DOUBLE),
   CAST(12.30 AS DECIMAL(10, 2)), 'a "quoted", \\ ü €', CAST('abc' AS CHAR(3)), CAST('bytes' AS BYTES), DATE '2026-01-02', TIME '03:04:05',
   TIMESTAMP '2026-01-02 03:04:05.678', TIMESTAMP '2026-01-02 03:04:05.123456789', TO_TIMESTAMP_LTZ(1000, 3), ARRAY[1, 2], ROW(1, 'x')),
  (CAST(NULL AS BOOLEAN), CAST(NULL AS TINYINT), CAST(NULL AS SMALLINT), CAST(NULL AS INT), CAST(NULL AS BIGINT), CAST(NULL AS FLOAT),
   CAST(NULL AS DOUBLE), CAST(NULL AS DECIMAL(10, 2)), CAST(NULL AS STRING), CAST(NULL AS CHAR(3)), CAST(NULL AS BYTES),
   CAST(NULL AS DATE), CAST(NULL AS TIME(0)), CAST(NULL AS TIMESTAMP(3)), CAST(NULL AS TIMESTAMP(9)), CAST(NULL AS TIMESTAMP_LTZ(3)),
   CAST(NULL AS ARRAY<INT>), CAST(NULL AS ROW<x INT, y STRING>)),
  (FALSE, CAST(0 AS TINYINT), CAST(0 AS SMALLINT), 0, CAST(0 AS BIGINT), CAST(0 AS FLOAT), CAST(0.1 AS DOUBLE),
   CAST(0 AS DECIMAL(10, 2)), '', CAST('x' AS CHAR(3)), CAST('' AS BYTES), DATE '1969-12-31', TIME '00:00:00',
   TIMESTAMP '1969-12-31 23:59:59', TIMESTAMP '2026-01-02 03:04:05', TO_TIMESTAMP_LTZ(0, 3), ARRAY[CAST(NULL AS INT)], ROW(0, CAST(NULL AS STRING)))`;
const TYPED_SHOWN = `CAST(yes AS STRING), CAST(i1 AS STRING), CAST(i2 AS STRING), CAST(i4 AS STRING), CAST(i8 AS STRING), CAST(f4 AS STRING),
  CAST(f8 AS STRING), CAST(amount AS STRING), name, code, CAST(data AS STRING), CAST(d AS STRING), CAST(t AS STRING), CAST(ts3 AS STRING),
  CAST(ts9 AS STRING), CAST(ltz AS STRING), CAST(list AS STRING), CAST(r AS STRING)`;
/** Forty keys for four partitions. */
const MANY = `SELECT id, CONCAT('user-', CAST(id AS STRING)), id * 10 FROM (VALUES ${Array.from({ length: 40 }, (_, i) => `(${i})`).join(", ")}) AS v (id)`;

function changes(format: string): ExchangeCase {
  return {
    name: format,
    partitions: 1,
    connector: "kafka",
    columns: "name STRING, n INT",
    options: `'format' = '${format}'`,
    rows: CHANGES,
    shown: "name, CAST(n AS STRING)",
    ordered: true,
  };
}

export const EXCHANGE_CASES: readonly ExchangeCase[] = [
  {
    name: "json, types",
    partitions: 1,
    connector: "kafka",
    columns: `${TYPES}, m MAP<STRING, INT>`,
    options: "'format' = 'json'",
    rows: `SELECT *, MAP['k', 1] FROM (${TYPED_ROWS})`,
    shown: `${TYPED_SHOWN}, CAST(m AS STRING)`,
  },
  {
    name: "csv, types",
    partitions: 1,
    connector: "kafka",
    columns: TYPES,
    options: "'format' = 'csv', 'csv.null-literal' = 'NULL', 'csv.ignore-parse-errors' = 'true'",
    rows: TYPED_ROWS,
    shown: TYPED_SHOWN,
  },
  {
    name: "csv with options",
    partitions: 1,
    connector: "kafka",
    columns: "a STRING, b STRING, c ARRAY<STRING>",
    options:
      "'format' = 'csv', 'csv.field-delimiter' = ';', 'csv.quote-character' = '''', 'csv.null-literal' = 'n/a', 'csv.array-element-delimiter' = '|'",
    rows: "VALUES ('x;y', 'it''s', ARRAY['p', 'q']), (CAST(NULL AS STRING), '', CAST(NULL AS ARRAY<STRING>)), ('a b', '\"', ARRAY['r'])",
    shown: "a, b, CAST(c AS STRING)",
  },
  ...["csv", "json"].flatMap((format) =>
    ["true", "false"].map((scientific): ExchangeCase => {
      const option =
        format === "csv"
          ? `'csv.write-bigdecimal-in-scientific-notation' = '${scientific}'`
          : `'json.encode.decimal-as-plain-number' = '${scientific}'`;
      return {
        name: `${format}, decimals, ${scientific}`,
        partitions: 1,
        connector: "kafka",
        columns: "d DECIMAL(10, 2), e DECIMAL(10, 7), g DECIMAL(30, 0), list ARRAY<DECIMAL(5, 2)>",
        options: `'format' = '${format}', ${option}`,
        rows: "VALUES (12.30, 0.0000001, 100000, ARRAY[CAST(1 AS DECIMAL(5, 2))]), (100, 0, 0, ARRAY[CAST(1.20 AS DECIMAL(5, 2)), CAST(0 AS DECIMAL(5, 2))])",
        shown: "CAST(d AS STRING), CAST(e AS STRING), CAST(g AS STRING), CAST(list AS STRING)",
      };
    }),
  ),
  ...["debezium-json", "canal-json", "maxwell-json", "ogg-json"].map(changes),
  {
    name: "upsert-kafka with tombstones",
    partitions: 4,
    connector: "upsert-kafka",
    columns: "name STRING, n INT, PRIMARY KEY (name) NOT ENFORCED",
    options: "'key.format' = 'json', 'value.format' = 'json'",
    rows: `SELECT name, SUM(x) FROM (VALUES ('a', 1), ('b', 2), ('a', 2), ('c', 4), ('b', 9), ('d', 1)) AS v (name, x) GROUP BY name HAVING SUM(x) < 5`,
    shown: "name, CAST(n AS STRING)",
    ordered: true,
  },
  {
    name: "upsert-kafka, key of two columns in CSV, outside of the value",
    partitions: 3,
    connector: "upsert-kafka",
    columns: "a INT, v STRING, b STRING, PRIMARY KEY (b, a) NOT ENFORCED",
    options: "'key.format' = 'csv', 'value.format' = 'csv', 'value.fields-include' = 'EXCEPT_KEY'",
    rows: "VALUES (1, 'x', 'k1'), (2, 'y', 'k,2'), (1, 'z', 'k1'), (3, 'w w', 'k3')",
    shown: "CAST(a AS STRING), v, b",
  },
  {
    name: "keys in JSON, partitions by key",
    partitions: 4,
    connector: "kafka",
    columns: "id INT, name STRING, n INT",
    options:
      "'key.format' = 'json', 'key.fields' = 'id;name', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY'",
    rows: MANY,
    shown: "CAST(id AS STRING), name, CAST(n AS STRING)",
  },
  {
    name: "raw keys, partitions by key, NULL key and value",
    partitions: 1,
    connector: "kafka",
    columns: "k STRING, v STRING",
    options: "'key.format' = 'raw', 'key.fields' = 'k', 'value.format' = 'raw', 'value.fields-include' = 'EXCEPT_KEY'",
    rows: "VALUES ('a', 'x'), (CAST(NULL AS STRING), 'y'), ('b', CAST(NULL AS STRING)), ('', '')",
    shown: "k, v",
  },
  {
    name: "NULL in a JSON key",
    partitions: 1,
    connector: "kafka",
    columns: "k STRING, v STRING",
    options: "'key.format' = 'json', 'key.fields' = 'k', 'value.format' = 'json'",
    rows: "VALUES ('a', 'x'), (CAST(NULL AS STRING), 'y')",
    shown: "k, v",
  },
  {
    name: "raw numbers as keys, big and little endian",
    partitions: 4,
    connector: "kafka",
    columns: "id INT, name STRING, n INT",
    options:
      "'key.format' = 'raw', 'key.fields' = 'id', 'key.raw.endianness' = 'little-endian', 'value.format' = 'json'",
    rows: MANY,
    shown: "CAST(id AS STRING), name, CAST(n AS STRING)",
  },
  {
    name: "time stamps and headers",
    partitions: 1,
    connector: "kafka",
    columns:
      "id INT, stamp TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', h MAP<STRING, BYTES> METADATA FROM 'headers', kind STRING METADATA FROM 'timestamp-type' VIRTUAL",
    options: "'format' = 'json'",
    rows: `VALUES (1, TO_TIMESTAMP_LTZ(1700000000123, 3), MAP['x', CAST('y' AS BYTES)]),
      (2, TO_TIMESTAMP_LTZ(1700000000000, 3), CAST(NULL AS MAP<STRING, BYTES>)), (3, TO_TIMESTAMP_LTZ(1700000001000, 3), MAP['n', CAST(NULL AS BYTES)])`,
    shown: "CAST(id AS STRING), CAST(stamp AS STRING), CAST(h['x'] AS STRING), CAST(CARDINALITY(h) AS STRING), kind",
    timed: true,
  },
  {
    name: "fixed partitioner",
    partitions: 3,
    connector: "kafka",
    columns: "id INT, name STRING, n INT",
    options: "'format' = 'json', 'sink.partitioner' = 'fixed'",
    rows: MANY,
    shown: "CAST(id AS STRING), name, CAST(n AS STRING)",
  },
  {
    name: "a transaction, read committed",
    partitions: 2,
    connector: "kafka",
    columns: "id INT, name STRING, n INT",
    options:
      "'key.format' = 'json', 'key.fields' = 'id', 'value.format' = 'json', 'sink.delivery-guarantee' = 'exactly-once', 'properties.isolation.level' = 'read_committed', 'properties.transaction.timeout.ms' = '60000'",
    settings: ["SET 'execution.checkpointing.interval' = '1 s'"],
    rows: MANY,
    shown: "CAST(id AS STRING), name, CAST(n AS STRING)",
  },
];

/** Rows and records as they are compared. */
export function comparable(one: ExchangeCase, texts: readonly string[]): readonly string[] {
  return one.ordered === true && one.partitions === 1 ? texts : texts.toSorted();
}

/** Records, without times that nobody wrote; those of a partition are in order where it is compared. */
export function recordTexts(one: ExchangeCase, records: readonly TextRecord[]): readonly string[] {
  const texts = records.map((record) =>
    JSON.stringify(one.timed === true ? record : { ...record, timestampMillis: 0 }),
  );
  return one.ordered === true ? texts : texts.toSorted();
}

/** The statement that makes the table `t`. */
export function tableOf(one: ExchangeCase, topic: string, bootstrap: string): string {
  const transactional = one.options.includes("exactly-once") ? `, 'sink.transactional-id-prefix' = '${topic}'` : "";
  const startup = one.connector === "kafka" ? "'scan.startup.mode' = 'earliest-offset', " : "";
  return `CREATE TABLE t (${one.columns}) WITH ('connector' = '${one.connector}', 'topic' = '${topic}',
    'properties.bootstrap.servers' = '${bootstrap}', ${startup}'scan.bounded.mode' = 'latest-offset', ${one.options}${transactional})`;
}
