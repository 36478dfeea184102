import { decimalText } from "../../types/decimal.ts";
import { doubleText, floatText } from "../../types/double-text.ts";
import type { DataType, SqlMap, Value } from "../../types/data-type.ts";
import { textOf } from "../../types/value-text.ts";

/** A value as JSON: numbers and booleans as such, rows and maps as objects, everything else as text. */
export function jsonOf(value: Value, type: DataType, zone: string): string {
  if (value === null) return "null";
  switch (type.kind) {
    case "BOOLEAN":
      return value === true ? "true" : "false";
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "BIGINT":
      return String(value);
    case "FLOAT":
      return floatText(value as number);
    case "DOUBLE":
      return doubleText(value as number);
    case "DECIMAL":
      return decimalText(value as bigint, type.scale);
    case "BINARY":
    case "VARBINARY":
      return JSON.stringify(Buffer.from(value as Uint8Array).toString("base64"));
    case "ARRAY":
      return `[${(value as readonly Value[]).map((item) => jsonOf(item, type.element, zone)).join(",")}]`;
    case "ROW":
      return objectOf(
        type.fields.map((field, i) => [field.name, jsonOf((value as readonly Value[])[i]!, field.type, zone)]),
      );
    case "MAP":
      return objectOf(
        (value as SqlMap).map(([key, item]) => [textOf(type.key, zone)(key) ?? "null", jsonOf(item, type.value, zone)]),
      );
    default:
      return JSON.stringify(textOf(type, zone)(value));
  }
}

function objectOf(members: readonly (readonly [name: string, json: string])[]): string {
  return `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(",")}}`;
}
