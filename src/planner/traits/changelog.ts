import type { OperatorSpec } from "../../runtime/spec.ts";

/** True when the node only ever inserts. */
export function isAppendOnly(spec: OperatorSpec, inputs: readonly boolean[]): boolean {
  switch (spec.kind) {
    case "scan":
      return spec.changes === undefined;
    case "values":
    case "window-aggregate":
    case "session-aggregate":
    case "sort":
      return true;
    case "calc":
    case "watermark":
    case "union":
    case "window-tvf":
    case "expand":
    case "limit":
    case "sink":
      return inputs.every(Boolean);
    case "group-aggregate":
    case "drop-update-before":
    case "sink-materialize":
      return false;
    case "join":
      return (spec.type === "inner" || spec.type === "semi") && inputs.every(Boolean);
    case "rank":
      return spec.windowEnd !== undefined;
    case "deduplicate":
      // The first row waits for the watermark (Flink since FLINK-37005), so that it is never replaced.
      return spec.keep === "first" && inputs.every(Boolean);
  }
}

/** Whether the node needs -U rows of an updating input, given that its own consumers need them (`own`). */
export function needsUpdateBefore(spec: OperatorSpec, own: boolean): boolean {
  switch (spec.kind) {
    case "calc":
      // A row that stops passing the filter must be taken away by its -U.
      return own || spec.filter !== undefined;
    case "watermark":
    case "union":
    case "window-tvf":
    case "expand":
      return own;
    case "drop-update-before":
      return false;
    default:
      return true;
  }
}
