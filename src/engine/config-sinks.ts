import type { ConfigOption } from "./config.ts";

/** Options of what sinks enforce and how they get their changes. */
export const SINK_OPTIONS: readonly ConfigOption[] = [
  {
    name: "table.exec.sink.not-null-enforcer",
    summary: "a NULL for a NOT NULL column fails the job or drops the row",
    type: ["ERROR", "DROP"],
    default: "ERROR",
  },
  {
    name: "table.exec.sink.type-length-enforcer",
    summary: "values longer than CHAR(n), VARCHAR(n)",
    type: ["IGNORE", "TRIM_PAD", "ERROR"],
    default: "IGNORE",
  },
  {
    name: "table.exec.sink.upsert-materialize",
    summary: "materialise updates before a sink with another key",
    type: ["AUTO", "FORCE", "NONE"],
    default: "AUTO",
  },
  {
    name: "table.exec.sink.keyed-shuffle",
    summary: "no effect: a row goes to the sink in the thread that made it, and updates of a key are all made in one",
    type: ["NONE", "AUTO", "FORCE"],
    effect: "none",
  },
  {
    name: "table.exec.sink.upsert-materialize-strategy.type",
    summary: "no effect: rows are found by their hash, however many a key has",
    type: ["LEGACY", "MAP", "VALUE", "ADAPTIVE"],
    effect: "none",
  },
  {
    name: "table.exec.sink.nested-constraint-enforcer",
    summary: "NOT NULL and lengths hold inside rows (arrays, maps and multisets) too",
    type: ["IGNORE", "ROWS", "ROWS_AND_COLLECTIONS"],
    default: "IGNORE",
  },
];
