import type { Column } from "./column.ts";
import { createColumnBuilder } from "./column-builder.ts";
import { encodeUtf8 } from "./utf8.ts";
import { storageOf, type DataType, type Value } from "../types/data-type.ts";

/** A column in which every row has the same value; text stands in memory once. */
export function constantColumn(type: DataType, value: Value, rowCount: number): Column {
  if (value !== null && storageOf(type) === "bytes") {
    const data = typeof value === "string" ? encodeUtf8(value) : (value as Uint8Array);
    const lengths = new Int32Array(rowCount).fill(data.length);
    return { storage: "bytes", starts: new Int32Array(rowCount), lengths, data, nulls: undefined };
  }
  const builder = createColumnBuilder(type, rowCount);
  for (let i = 0; i < rowCount; i++) builder.append(value);
  return builder.finish();
}
