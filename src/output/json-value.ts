import type { DataType, SqlMap, Value } from "../types/data-type.ts";
import { textOf } from "../types/value-text.ts";

/** A value as JSON text: numbers as numbers (BIGINT and DECIMAL with all digits), times as text, bytes as base64. */
export function jsonValue(value: Value, type: DataType, zone: string): string {
  if (value === null) return "null";
  switch (type.kind) {
    case "BOOLEAN":
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "BIGINT":
      return String(value);
    case "DECIMAL":
      return textOf(type, zone)(value);
    case "FLOAT":
    case "DOUBLE":
      return Number.isFinite(value as number) ? String(value) : `"${String(value)}"`;
    case "BINARY":
    case "VARBINARY":
      return `"${Buffer.from(value as Uint8Array).toString("base64")}"`;
    case "ARRAY":
      return `[${(value as readonly Value[]).map((v) => jsonValue(v, type.element, zone)).join(",")}]`;
    case "VARIANT":
      return value as string;
    case "ROW":
      return `{${type.fields.map((f, i) => `${JSON.stringify(f.name)}:${jsonValue((value as readonly Value[])[i] ?? null, f.type, zone)}`).join(",")}}`;
    case "MAP":
      return entries(value as unknown as SqlMap, type.key, type.value, zone);
    case "MULTISET":
      return entries(value as unknown as SqlMap, type.element, { kind: "INT", nullable: false }, zone);
    default:
      return JSON.stringify(textOf(type, zone)(value));
  }
}

function entries(map: SqlMap, key: DataType, value: DataType, zone: string): string {
  return `{${map.map(([k, v]) => `${JSON.stringify(textOf(key, zone)(k))}:${jsonValue(v, value, zone)}`).join(",")}}`;
}
