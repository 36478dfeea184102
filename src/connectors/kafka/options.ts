import type { ConnectorOption } from "../api.ts";

/** How a table's columns are divided over the key and the value of a record. */
const KEY_VALUE_OPTIONS: readonly ConnectorOption[] = [
  { name: "key.fields-prefix", type: "string", default: "", summary: "What the names of key columns begin with." },
  {
    name: "value.fields-include",
    type: ["ALL", "EXCEPT_KEY"],
    default: "ALL",
    summary: "Whether key columns are in the value too.",
  },
];

const CONNECTION_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "properties.bootstrap.servers",
    type: "string",
    required: true,
    summary: "Addresses of brokers, `host:port`, comma separated.",
  },
  {
    name: "properties.group.id",
    type: "string",
    summary: "Consumer group: startup offsets, and where offsets are committed.",
  },
  { name: "properties.*", type: "string", summary: "Any other property of a Kafka client." },
];

const BOUNDED_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "scan.bounded.mode",
    type: ["unbounded", "latest-offset", "group-offsets", "timestamp", "specific-offsets"],
    default: "unbounded",
    summary: "Where reading ends.",
  },
  {
    name: "scan.bounded.specific-offsets",
    type: "string",
    summary: "End of each partition: `partition:0,offset:42;partition:1,offset:300`.",
  },
  { name: "scan.bounded.timestamp-millis", type: "int", summary: "Reads what is older than this (epoch millis)." },
];

const SCAN_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "scan.topic-partition-discovery.interval",
    type: "duration",
    default: "5 min",
    summary: "How often new partitions (and topics of a pattern) are looked for; 0: never.",
  },
  {
    name: "scan.restore.out-of-range",
    type: ["fail", "earliest", "latest"],
    default: "fail",
    summary: "What happens when retention has removed the offset at which reading would go on. An extension.",
  },
];

const SINK_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "sink.delivery-guarantee",
    type: ["at-least-once", "exactly-once", "none"],
    default: "at-least-once",
    summary: "exactly-once writes in transactions, which are committed with checkpoints.",
  },
  {
    name: "sink.transactional-id-prefix",
    type: "string",
    summary: "What the ids of the transactions begin with; required for exactly-once, one for each job.",
  },
  {
    name: "sink.restore.lost-transactions",
    type: ["fail", "ignore"],
    default: "fail",
    summary:
      "What happens when a transaction of the checkpoint was ended by the broker before it could be committed, so that its rows are lost; ignore: it is told. An extension.",
  },
  {
    name: "sink.transaction-naming-strategy",
    type: ["INCREMENTING", "POOLING"],
    default: "INCREMENTING",
    summary: "Accepted for compatibility: ids come from a pool.",
  },
];

/** Options of the kafka connector, as in Flink. */
export const KAFKA_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "topic",
    type: "string",
    summary:
      "Topic, or several separated by `;`: a sink writes each row to that which its metadata column `topic` names.",
  },
  {
    name: "topic-pattern",
    type: "string",
    summary: "Reads all topics whose names match this regular expression; a sink writes those of them that rows name.",
  },
  ...CONNECTION_OPTIONS,
  { name: "key.fields", type: "string", summary: "Columns of the key, separated by `;`." },
  ...KEY_VALUE_OPTIONS,
  {
    name: "scan.startup.mode",
    type: ["group-offsets", "earliest-offset", "latest-offset", "timestamp", "specific-offsets"],
    default: "group-offsets",
    summary: "Where reading begins.",
  },
  {
    name: "scan.startup.specific-offsets",
    type: "string",
    summary: "Start of each partition: `partition:0,offset:42;partition:1,offset:300`.",
  },
  {
    name: "scan.startup.timestamp-millis",
    type: "int",
    summary: "Begins at the first record of this time (epoch millis).",
  },
  ...BOUNDED_OPTIONS,
  ...SCAN_OPTIONS,
  {
    name: "sink.partitioner",
    type: "string",
    default: "default",
    summary: "default (by key, else in turn), fixed (one partition for each writer) or round-robin.",
  },
  ...SINK_OPTIONS,
];

/** Options of the upsert-kafka connector, as in Flink. */
export const UPSERT_KAFKA_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "topic",
    type: "string",
    required: true,
    summary:
      "Topic, or several separated by `;`: a sink writes each row to that which its metadata column `topic` names.",
  },
  ...CONNECTION_OPTIONS,
  ...KEY_VALUE_OPTIONS,
  ...BOUNDED_OPTIONS,
  ...SCAN_OPTIONS,
  {
    name: "sink.buffer-flush.max-rows",
    type: "int",
    default: "0",
    summary: "Keeps so many rows back, of which the last of each key is written; 0: none.",
  },
  {
    name: "sink.buffer-flush.interval",
    type: "duration",
    default: "0 s",
    summary: "Writes what is kept back this often; 0: no buffer.",
  },
  ...SINK_OPTIONS,
];
