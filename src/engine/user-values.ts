import { messageOf, SqlError } from "../base/errors.ts";
import { parseType } from "../parser/index.ts";
import { bindType } from "../planner/bind/data-types.ts";
import { storageOf } from "../types/data-type.ts";
import type { DataType, Value } from "../types/data-type.ts";

/** The type that a user's module names. Throws INVALID_QUERY. */
export function typeFrom(text: string, name: string): DataType {
  try {
    return bindType(parseType(text));
  } catch (cause) {
    throw new SqlError("INVALID_QUERY", `function ${name} names the type '${text}': ${messageOf(cause)}`, { cause });
  }
}

/** The value in the form of its type; undefined: it is no value of that type. */
export function checkedValue(value: Value, type: DataType): Value | undefined {
  if (value === null) return type.nullable ? null : undefined;
  switch (storageOf(type)) {
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "i32": {
      const bits = type.kind === "TINYINT" ? 8 : type.kind === "SMALLINT" ? 16 : 32;
      return Number.isInteger(value) && Number(BigInt.asIntN(bits, BigInt(value as number))) === value
        ? value
        : undefined;
    }
    case "i64":
    case "i128":
      if (type.kind === "BIGINT" && Number.isSafeInteger(value)) return BigInt(value as number);
      return typeof value === "bigint" && (type.kind !== "BIGINT" || BigInt.asIntN(64, value) === value)
        ? value
        : undefined;
    case "f64":
      if (typeof value !== "number") return undefined;
      return type.kind === "FLOAT" ? Math.fround(value) : value;
    case "bytes":
      return type.kind === "CHAR" || type.kind === "VARCHAR"
        ? typeof value === "string"
          ? value
          : undefined
        : value instanceof Uint8Array
          ? value
          : undefined;
    case "any":
      return Array.isArray(value) ? value : undefined;
  }
}
