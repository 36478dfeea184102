import type { ConfigOption } from "./config.ts";

/** Options of joins on time and of look-ups. */
export const JOIN_OPTIONS: readonly ConfigOption[] = [
  {
    name: "table.exec.interval-join.min-cleanup-interval",
    summary: "no effect: rows of an interval join that cannot match any more go at once",
    type: "duration",
    effect: "none",
  },
  {
    name: "table.exec.async-lookup.timeout",
    summary: "an answer to a look-up must come within this time",
    type: "duration",
  },
  {
    name: "table.exec.async-lookup.buffer-capacity",
    summary: "no effect: the keys of a batch are looked up together",
    type: "int",
    effect: "none",
  },
  {
    name: "table.exec.async-lookup.output-mode",
    summary: "no effect: rows always come out in order",
    type: ["ORDERED", "ALLOW_UNORDERED"],
    effect: "none",
  },
  {
    name: "table.exec.async-lookup.key-ordered-enabled",
    summary: "no effect: rows always come out in order",
    type: "boolean",
    effect: "none",
  },
];
