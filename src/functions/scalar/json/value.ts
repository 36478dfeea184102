import { SqlError } from "../../../base/errors.ts";
import { isText, type DataType, type SqlMap, type Value } from "../../../types/data-type.ts";
import { formatTimestamp } from "../../../types/datetime.ts";
import { bigDecimalText } from "../../../types/decimal.ts";
import { doubleText } from "../../../types/double-text.ts";
import { typeText } from "../../../types/type-text.ts";
import type { JsonNode } from "./document.ts";
import { JsonNumber, jsonNumber } from "./number.ts";

/** Values of a type as JSON: numbers, booleans, arrays; objects for MAP and ROW; bytes in Base64; times in ISO 8601. */
export type ToJson = (value: Value) => JsonNode;

/** Throws INVALID_QUERY for a type that Flink has no JSON for (DATE, TIME, intervals, maps without text keys). */
export function toJsonOf(type: DataType): ToJson {
  const convert = notNullToJson(type);
  return (value) => (value === null ? null : convert(value));
}

function notNullToJson(type: DataType): ToJson {
  switch (type.kind) {
    case "CHAR":
    case "VARCHAR":
    case "BOOLEAN":
      return (value) => value as string | boolean;
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "BIGINT":
      return (value) => new JsonNumber(String(value));
    case "DECIMAL":
      return (value) => new JsonNumber(bigDecimalText(value as bigint, type.scale));
    case "FLOAT":
    case "DOUBLE":
      return (value) => {
        const text = doubleText(value as number);
        return Number.isFinite(value) ? jsonNumber(text) : text;
      };
    case "BINARY":
    case "VARBINARY":
      return (value) => Buffer.from(value as Uint8Array).toString("base64");
    case "TIMESTAMP":
      return (value) => isoTimestamp(value as number | bigint, type.precision);
    case "TIMESTAMP_LTZ":
      return (value) => `${isoTimestamp(value as number | bigint, type.precision)}Z`;
    case "ARRAY": {
      const item = toJsonOf(type.element);
      return (value) => (value as readonly Value[]).map(item);
    }
    case "ROW": {
      const fields = type.fields.map((field) => [field.name, toJsonOf(field.type)] as const);
      return (value) => new Map(fields.map(([name, field], i) => [name, field((value as readonly Value[])[i]!)]));
    }
    case "MAP":
      return mapToJson(type.key, type.value);
    default:
      throw new SqlError("INVALID_QUERY", `Type '${typeText(type)}' is not scalar or cannot be converted into JSON.`, {
        hint: "CAST it to STRING",
      });
  }
}

function mapToJson(key: DataType, item: DataType): ToJson {
  if (!isText(key)) {
    throw new SqlError(
      "INVALID_QUERY",
      `Type '${typeText(key)}' is not supported for JSON conversion. The key type must be a character string.`,
    );
  }
  const convert = toJsonOf(item);
  return (value) => new Map((value as SqlMap).map(([name, each]) => [(name ?? "null") as string, convert(each)]));
}

/** `2024-01-01T01:02:03.45`: no more digits than needed. */
function isoTimestamp(value: number | bigint, precision: number): string {
  return formatTimestamp(value, precision)
    .replace(" ", "T")
    .replace(/\.?0*$/, (zeros, _: number, text: string) => (text.includes(".") ? "" : zeros));
}
