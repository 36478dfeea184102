import type { DataType } from "../../types/data-type.ts";

/** What kind of time attribute a column is; undefined: none. */
export function timeAttribute(type: DataType | undefined): "rowtime" | "proctime" | undefined {
  return type !== undefined && (type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ")
    ? type.timeAttribute
    : undefined;
}
