import type { Expr } from "../../expressions/expr.ts";
import type { OperatorSpec } from "../../runtime/spec.ts";
import { columnsOf } from "../logical/rewrite.ts";
import type { UpsertKey } from "./upsert-key.ts";

/** True when the node only ever inserts. */
export function isAppendOnly(spec: OperatorSpec, inputs: readonly boolean[]): boolean {
  switch (spec.kind) {
    case "scan":
      return spec.changes === undefined;
    case "values":
    case "local-aggregate":
    case "window-aggregate":
    case "session-aggregate":
    case "session-tvf":
    case "sort":
    case "match":
    case "interval-join":
    case "window-join":
    case "to-changelog":
    case "final-rows":
    case "final-over":
      return true;
    case "calc":
    case "watermark":
    case "mini-batch":
    case "union":
    case "window-tvf":
    case "expand":
    case "correlate":
    case "limit":
    case "sink":
      return inputs.every(Boolean);
    case "over":
      return spec.order.by !== "column";
    case "group-aggregate":
    case "updating-window-aggregate":
    case "drop-update-before":
    case "sink-materialize":
    case "changelog-normalize":
      return false;
    case "from-changelog":
      return spec.codes.every(([, kind]) => kind === 0);
    case "join":
      return (spec.type === "inner" || spec.type === "semi") && inputs.every(Boolean);
    case "temporal-join":
    case "lookup-join":
      // A new version changes no row that has come out.
      return inputs[0] === true;
    case "rank":
      return spec.windowEnd !== undefined;
    case "deduplicate":
      // The first row waits for the watermark (Flink since FLINK-37005), so that it is never replaced.
      return spec.keep === "first" && inputs.every(Boolean);
  }
}

/**
 * Whether the node needs -U rows of its updating input number `input`, given that its own consumers need them (`own`);
 * `keys`: the upsert keys of the input.
 */
export function needsUpdateBefore(
  spec: OperatorSpec,
  own: boolean,
  input: number,
  keys: readonly UpsertKey[],
): boolean {
  switch (spec.kind) {
    case "calc":
      // A row that stops passing the filter must be taken away by its -U; one of another key never does.
      return own || (spec.filter !== undefined && !isOnKey(spec.filter, keys));
    case "watermark":
    case "mini-batch":
    case "union":
    case "window-tvf":
    case "expand":
      return own;
    case "lookup-join":
      // A row that finds no partner any more must be taken away by its -U.
      return own || spec.type === "inner";
    case "drop-update-before":
    case "changelog-normalize":
      return false;
    case "temporal-join":
      // A version is replaced by the next one.
      return input === 0 && (own || spec.type === "inner");
    case "rank":
      // Rows are found by their key.
      return spec.upsertKey === undefined;
    case "to-changelog":
      return spec.codes[1] !== null;
    default:
      return true;
  }
}

function isOnKey(filter: Expr, keys: readonly UpsertKey[]): boolean {
  const used = [...columnsOf(filter)];
  return keys.some((key) => used.every((column) => key.includes(column)));
}
