/** What no definition says: what a connector is for, by name. */
export const CONNECTOR_NOTES: Readonly<Record<string, string>> = {
  blackhole: "Takes every row and keeps none, for measurements; `--verbose` shows the number of rows.",
  datagen:
    "Made-up rows. Each value is a function of its row number, so a restore goes on with the same values. `#` in an option stands for a column (or a " +
    "path into one: `fields.a.b.min`). With `number-of-rows`, or a column of kind `sequence`, the table is bounded.",
  kafka:
    "Topics of Apache Kafka (brokers from 2.1 on). Each partition is a split with a watermark of its own " +
    "(`scan.watermark.idle-timeout`, `scan.watermark.alignment.*`); there is no consumer group: offsets are in the checkpoint, and are " +
    "committed to `properties.group.id` for information. Records of open and aborted transactions are not read " +
    "(`properties.isolation.level`, unlike Java's consumer `read_committed` by default). Codecs: gzip, snappy, lz4, and zstd (written from Node 22.15 on).\n\n" +
    "With `'sink.delivery-guarantee' = 'exactly-once'` the rows between two checkpoints are one transaction, which is committed when the " +
    "checkpoint is complete, also after a crash. `properties.transaction.timeout.ms` (by default 15 minutes, or what the brokers allow) " +
    "says how long a job may be away between the two; a transaction that was lost to it is an error, never silence. " +
    "A prefix of transactional ids belongs to one job at a time. " +
    "`headers`, `header-list` and `timestamp` may be written. `properties.*` takes what the Java client takes as far as it has a meaning here: " +
    "TLS with PEM or PKCS12 files, SASL PLAIN, SCRAM and OAUTHBEARER.",
  "upsert-kafka":
    "A topic as a table with a PRIMARY KEY, which is the key of its records: a value is the row of its key, a NULL value deletes it. " +
    "It is read from the beginning; everything else is as for kafka.",
  filesystem:
    "Files of this machine. `path` is a file, a folder (read with its sub-folders; names that begin with `.` or `_` are left out), or a glob to read; to " +
    "write it is a folder. Relative paths are seen from the script. Files whose names end in `.gz` are decompressed. Splits are read in the order " +
    "of their paths. A written file is hidden while it grows; it becomes visible with the first checkpoint after it was rolled (by size or time), or " +
    "when the job ends, so that readers never see rows that could be taken back. `PARTITIONED BY` makes folders `key=value`; conditions on partition columns decide which of them are read. " +
    "In a lookup join (`FOR SYSTEM_TIME AS OF` a processing time) the table is held in memory; without a cache names, sizes and times of its files are looked at " +
    "before each batch, and they are read again when these have changed.",
  nexmark:
    "The event stream of the Nexmark benchmark (persons, auctions, bids), made in the process, the same in every run.",
  print: "One line for each change, `+I[a, 1]`, as Flink prints it. After a restart lines may come again.",
  savepoint:
    "Reads one state of a checkpoint or savepoint, of a stopped job or beside a running one. Columns go by name and type (or a wider one): keys first, those of " +
    "slices of windows with `window_end` in front, rows of a list under their key; `millrace state show PATH` lists them. Names that are expressions stand in " +
    "backquotes: `` CREATE TABLE s (product STRING, `SUM(price)` DECIMAL(38, 2)) WITH (…) ``.",
};

/** What a format is, by name. */
export const FORMAT_NOTES: Readonly<Record<string, string>> = {
  csv: "One record a line; quoted fields may contain line ends. Columns go by position.",
  json: "One JSON object a line. Columns go by name; fields that nobody reads are skipped, not decoded.",
  "debezium-json":
    "Changes as Debezium writes them: `before`, `after`, `op`; an update without `before` fails and names REPLICA IDENTITY. Written: `c` and `d`.",
  "canal-json":
    "Changes as Canal writes them: arrays `data` and `old`, `type`; messages about tables are skipped. Written: INSERT and DELETE.",
  "maxwell-json": "Changes as Maxwell writes them: `data`, `old`, `type`. Written: insert and delete.",
  "ogg-json": "Changes as Oracle GoldenGate writes them: `before`, `after`, `op_type`. Written: I and D.",
  avro: 'One Avro record a message, without a header: reader and writer must have the same columns. The schema follows from the table as in Flink (`["null", T]` for nullable columns, records named `record`, `record_<column>`); TIMESTAMP(6) and TIMESTAMP_LTZ need `timestamp_mapping.legacy` = `false`.',
  "avro-confluent":
    "Avro records with the id of their schema in front (a zero byte, four bytes id). The schema of each message is fetched from the registry and resolved to the table's: columns by name, missing nullable ones NULL, int → long → float → double, text and bytes for each other, enums as text. Written: the table's schema, or the given one, registered under the subject.",
  "debezium-avro-confluent":
    "Changes as Debezium writes them with Confluent's Avro converter: `before`, `after`, `op`; an update without `before` fails and names REPLICA IDENTITY. Written: `c` and `d`.",
  raw: "The bytes of a record (a line) are the value of the only column.",
};
