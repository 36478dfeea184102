import { JDBC_BACKEND_OPTIONS } from "../state/jdbc/options.ts";
import { HDFS_OPTIONS } from "../storage/hdfs/settings.ts";
import { JDBC_OPTIONS } from "../storage/jdbc/settings.ts";
import { S3_OPTIONS } from "../storage/s3/settings.ts";
import type { ConfigOption } from "./config.ts";

/** Options of the storages in which checkpoints, savepoints and the rows of state may lie. */
export const STORAGE_OPTIONS: readonly ConfigOption[] = [
  ...S3_OPTIONS,
  ...HDFS_OPTIONS,
  ...JDBC_OPTIONS,
  ...JDBC_BACKEND_OPTIONS,
];

/** Other spellings that Flink's file systems take. */
export const STORAGE_SYNONYMS: readonly (readonly [string, string])[] = [
  ["s3.access.key", "s3.access-key"],
  ["s3.secret.key", "s3.secret-key"],
  ["s3.session.token", "s3.session-token"],
  ["s3.path.style.access", "s3.path-style-access"],
  ["s3.region", "s3.endpoint.region"],
  // Flink hands on to Hadoop what begins so.
  ...HDFS_OPTIONS.map(({ name }) => [`flink.hadoop.${name}`, name] as const),
  ["state.backend.jdbc.table_name", "state.backend.jdbc.table-name"],
];
