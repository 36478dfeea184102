/** Connectors of Flink and its surroundings that do not run here: refused by name, not taken for a typing mistake. */
export const KNOWN_CONNECTORS: ReadonlySet<string> = new Set([
  "jdbc",
  "hive",
  "hbase-1.4",
  "hbase-2.2",
  "hbase-2.6",
  "elasticsearch-6",
  "elasticsearch-7",
  "elasticsearch-8",
  "opensearch",
  "opensearch-2",
  "mongodb",
  "kinesis",
  "kinesis-legacy",
  "firehose",
  "dynamodb",
  "pulsar",
  "prometheus",
  "mysql-cdc",
  "postgres-cdc",
  "oracle-cdc",
  "sqlserver-cdc",
  "mongodb-cdc",
  "iceberg",
  "hudi",
  "paimon",
  "delta",
]);

/** Formats of Flink that do not run here. */
export const KNOWN_FORMATS: ReadonlySet<string> = new Set(["protobuf", "parquet", "orc"]);
