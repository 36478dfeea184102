import type { OperatorSpec } from "../../runtime/spec.ts";

/** Operators that drop rows which come behind the watermark. */
export function dropsLateRows(spec: OperatorSpec): boolean {
  switch (spec.kind) {
    case "window-aggregate":
    case "session-aggregate":
    case "session-tvf":
    case "updating-window-aggregate":
    case "window-join":
    case "interval-join":
    case "over":
    case "match":
    case "sort":
    case "rank":
    case "deduplicate":
      return true;
    default:
      return false;
  }
}
