import { SqlError } from "../../base/errors.ts";
import { parseDate, parseTime, parseTimestamp } from "../../types/datetime.ts";
import { decimalText, parseDecimal, toDecimalSize } from "../../types/decimal.ts";
import type { DataType, TypeKind, Value } from "../../types/data-type.ts";
import { printText } from "../../types/value-text.ts";

/** Values of a file's partition columns as the directory names spell them; NULL for the default name. */
export type PartitionTexts = Readonly<Record<string, string | null>>;

// oxlint-disable-next-line no-control-regex -- control characters are among what Hive escapes
const ESCAPED = /[\u0001-\u001f"#%'*/:=?\\\u007f{}[\]^]/g;

/** Escapes a name or value for a directory name, as Hive does: `a/b` → `a%2Fb`. */
export function escapePartition(text: string): string {
  return text.replace(ESCAPED, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

/** The opposite of `escapePartition`. */
export function unescapePartition(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** `k=v` of a directory name, unescaped; undefined for other names. */
export function parsePartitionName(name: string): { readonly key: string; readonly value: string } | undefined {
  const at = name.indexOf("=");
  return at <= 0
    ? undefined
    : { key: unescapePartition(name.slice(0, at)), value: unescapePartition(name.slice(at + 1)) };
}

const WITHOUT_NAME: ReadonlySet<TypeKind> = new Set([
  "ARRAY",
  "MAP",
  "MULTISET",
  "ROW",
  "BINARY",
  "VARBINARY",
  "NULL",
  "INTERVAL_DAY_TIME",
  "INTERVAL_YEAR_MONTH",
] as const);

/** Throws UNSUPPORTED for a type that cannot be a partition column. */
export function checkPartitionType(column: string, type: DataType): void {
  if (!WITHOUT_NAME.has(type.kind)) return;
  throw new SqlError(
    "UNSUPPORTED",
    `column '${column}' cannot be a partition column: its type ${type.kind} has no directory name`,
  );
}

/** The text of a value in a directory name, before escaping. NULL is for the caller. */
export function partitionText(value: Exclude<Value, null>, type: DataType): string {
  if (type.kind === "DECIMAL") return decimalText(value as bigint, type.scale);
  // As Flink: the instant in UTC, without a mark.
  return printText(value, type.kind === "TIMESTAMP_LTZ" ? { ...type, kind: "TIMESTAMP" } : type);
}

/** The value of a partition column from its text. Throws BAD_RECORD when the text is none of the type. */
export function partitionValue(text: string, type: DataType, column: string): Value {
  const value = parse(text, type);
  if (value === undefined || value === null) {
    throw new SqlError(
      "BAD_RECORD",
      `the directory '${column}=${text}' does not hold a ${type.kind} for the partition column '${column}'`,
    );
  }
  return value;
}

function parse(text: string, type: DataType): Value | undefined {
  switch (type.kind) {
    case "BOOLEAN":
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
    case "TINYINT":
      return integer(text, 8);
    case "SMALLINT":
      return integer(text, 16);
    case "INT":
      return integer(text, 32);
    case "BIGINT":
      return /^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text) ? BigInt(text) : undefined;
    case "FLOAT":
    case "DOUBLE": {
      const number = text.trim() === "" || /^[+-]?0[xob]/i.test(text) ? Number.NaN : Number(text);
      if (Number.isNaN(number) && text !== "NaN") return undefined;
      return type.kind === "FLOAT" ? Math.fround(number) : number;
    }
    case "DECIMAL": {
      const parsed = parseDecimal(text);
      return parsed === undefined ? undefined : toDecimalSize(parsed, type);
    }
    case "DATE":
      return parseDate(text);
    case "TIME":
      return parseTime(text);
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ": {
      const match = /^(\d{4}-\d{1,2}-\d{1,2})(?:[T ](\d{1,2}:\d{1,2})(:\d{1,2}(?:\.\d+)?)?)?$/.exec(text);
      return match === null
        ? undefined
        : parseTimestamp(`${match[1]} ${match[2] ?? "00:00"}${match[3] ?? ":00"}`, type.precision);
    }
    case "CHAR":
    case "VARCHAR":
      return text;
    case "ARRAY":
    case "MAP":
    case "MULTISET":
    case "ROW":
    case "BINARY":
    case "VARBINARY":
    case "VARIANT":
    case "NULL":
    case "INTERVAL_DAY_TIME":
    case "INTERVAL_YEAR_MONTH":
      return undefined;
  }
}

function integer(text: string, bits: number): number | undefined {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  const limit = 2 ** (bits - 1);
  return value >= -limit && value < limit ? value : undefined;
}
