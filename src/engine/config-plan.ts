import type { ConfigOption } from "./config.ts";

/** Options of the plan of aggregates: which changes come out when, and what is only a matter of cost. */
export const PLAN_OPTIONS: readonly ConfigOption[] = [
  {
    name: "table.exec.mini-batch.enabled",
    summary: "GROUP BY and deduplication take rows together, so that a key changes once a bundle",
    type: "boolean",
    default: "false",
  },
  {
    name: "table.exec.mini-batch.allow-latency",
    summary: "how long rows may wait for others; in event time where the job has windows",
    type: "duration",
    default: "0 ms",
  },
  { name: "table.exec.mini-batch.size", summary: "rows of a bundle", type: "int", default: "-1" },
  {
    name: "table.exec.deduplicate.mini-batch.compact-changes-enabled",
    summary: "deduplication by event time keeps only the last change of a bundle, too",
    type: "boolean",
    default: "false",
  },
  {
    name: "table.optimizer.agg-phase-strategy",
    summary:
      "whether mini-batches of GROUP BY are made of bundles of rows (ONE_PHASE) or of bundles of keys of such; with several threads, whether rows are added up before they change threads: AUTO does so in windows, in mini-batches and where no sink shows each change (upsert sinks, blackhole), but not for FLOAT and DOUBLE",
    type: ["AUTO", "ONE_PHASE", "TWO_PHASE"],
    default: "AUTO",
  },
  {
    name: "table.optimizer.distinct-agg.split.enabled",
    summary: "no effect: the values of a key are kept by one thread",
    type: "boolean",
    effect: "none",
  },
  {
    name: "table.optimizer.distinct-agg.split.bucket-num",
    summary: "no effect: see table.optimizer.distinct-agg.split.enabled",
    type: "int",
    effect: "none",
    minimum: 1,
  },
  {
    name: "table.optimizer.incremental-agg-enabled",
    summary: "no effect: see table.optimizer.distinct-agg.split.enabled",
    type: "boolean",
    effect: "none",
  },
  {
    name: "table.exec.emit.early-fire.enabled",
    summary: "results of group windows before their end",
    type: "boolean",
    default: "false",
  },
  {
    name: "table.exec.emit.early-fire.delay",
    summary: "time between two early results; 0 ms: one with each row",
    type: "duration",
  },
  {
    name: "table.exec.emit.late-fire.enabled",
    summary: "results of group windows again after their end",
    type: "boolean",
    default: "false",
  },
  {
    name: "table.exec.emit.late-fire.delay",
    summary: "time between two late results; 0 ms: one with each row",
    type: "duration",
  },
  {
    name: "table.exec.emit.allow-lateness",
    summary: "how long a window waits for late rows where late-fire is enabled; default: table.exec.state.ttl",
    type: "duration",
  },
];
