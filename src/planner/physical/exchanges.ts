import type { Exchange, OperatorSpec } from "../../runtime/spec.ts";

const FORWARD: Exchange = { kind: "forward" };

/**
 * How rows travel to an input of an operator when a job has several threads. Rows with one key must meet in the thread
 * that owns the key group of the key, so the columns are those of the operator's keyed state, in the same order; no
 * columns: all rows meet in one thread (global aggregates, LIMIT, ORDER BY, the result of a SELECT).
 */
export function exchangeOf(spec: OperatorSpec, input: number): Exchange {
  switch (spec.kind) {
    case "group-aggregate":
    case "window-aggregate":
    case "updating-window-aggregate":
    case "deduplicate":
    case "sink-materialize":
    case "changelog-normalize":
      return { kind: "hash", keys: spec.keys };
    case "session-aggregate":
      return { kind: "hash", keys: spec.partition.map((index) => spec.keys[index]!) };
    case "session-tvf":
    case "rank":
    case "match":
    case "over":
    case "final-over":
      return { kind: "hash", keys: spec.partition };
    case "join":
    case "interval-join":
    case "window-join":
    case "temporal-join":
      return { kind: "hash", keys: input === 0 ? spec.leftKeys : spec.rightKeys };
    case "final-rows":
      return { kind: "hash", keys: spec.order.length > 0 ? [] : spec.input.map((_, column) => column) };
    case "limit":
    case "sort":
      return { kind: "hash", keys: [] };
    case "sink":
      return spec.target.type === "collect" ? { kind: "hash", keys: [] } : FORWARD;
    case "scan":
    case "values":
    case "calc":
    case "watermark":
    case "mini-batch":
    case "local-aggregate":
    case "union":
    case "window-tvf":
    case "lookup-join":
    case "drop-update-before":
    case "expand":
    case "correlate":
    case "to-changelog":
    case "from-changelog":
      return FORWARD;
  }
}
