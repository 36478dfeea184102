import type { OperatorSpec } from "../../runtime/spec.ts";

/** True when the node only ever inserts. */
export function isAppendOnly(spec: OperatorSpec, inputs: readonly boolean[]): boolean {
  switch (spec.kind) {
    case "scan":
      return spec.changes === undefined;
    case "values":
    case "window-aggregate":
    case "session-aggregate":
    case "session-tvf":
    case "sort":
    case "match":
    case "interval-join":
    case "window-join":
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
      return false;
    case "join":
      return (spec.type === "inner" || spec.type === "semi") && inputs.every(Boolean);
    case "temporal-join":
      // A new version changes no row that has come out.
      return inputs[0] === true;
    case "rank":
      return spec.windowEnd !== undefined;
    case "deduplicate":
      // The first row waits for the watermark (Flink since FLINK-37005), so that it is never replaced.
      return spec.keep === "first" && inputs.every(Boolean);
  }
}

/** Whether the node needs -U rows of an updating input, given that its own consumers need them (`own`). */
export function needsUpdateBefore(spec: OperatorSpec, own: boolean, input: number): boolean {
  switch (spec.kind) {
    case "calc":
      // A row that stops passing the filter must be taken away by its -U.
      return own || spec.filter !== undefined;
    case "watermark":
    case "mini-batch":
    case "union":
    case "window-tvf":
    case "expand":
      return own;
    case "drop-update-before":
      return false;
    case "temporal-join":
      // A version is replaced by the next one.
      return input === 0 && own;
    default:
      return true;
  }
}
