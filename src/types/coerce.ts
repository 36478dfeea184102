import {
  isBinary,
  isInteger,
  isNumeric,
  isText,
  MAX_LENGTH,
  shownTimeAttribute,
  withNullable,
  type DataType,
  type Field,
} from "./data-type.ts";
import { decimalSizeOf, unionSize } from "./decimal.ts";

/**
 * The type that holds the values of all (CASE branches, UNION, VALUES, array elements): numbers widen, INT with
 * DECIMAL(3, 2) is DECIMAL(12, 2), DECIMAL with FLOAT or DOUBLE is DOUBLE, of FLOAT and DOUBLE the first wins (as in
 * Flink), texts of several lengths are VARCHAR of the longest, NULL takes the type of the others. Nullable when one
 * is. `undefined`: there is none.
 */
export function commonType(types: readonly DataType[]): DataType | undefined {
  let common: DataType | undefined = types[0];
  for (let i = 1; i < types.length && common !== undefined; i++) common = commonOfTwo(common, types[i]!);
  return common;
}

function commonOfTwo(a: DataType, b: DataType): DataType | undefined {
  const nullable = a.nullable || b.nullable;
  if (a.kind === "NULL") return withNullable(b, true);
  if (b.kind === "NULL") return withNullable(a, true);
  if (isNumeric(a) && isNumeric(b)) return commonNumber(a, b, nullable);
  if (isText(a) && isText(b)) return commonLength(a, b, "CHAR", "VARCHAR", nullable);
  if (isBinary(a) && isBinary(b)) return commonLength(a, b, "BINARY", "VARBINARY", nullable);
  if (isTimestamp(a) && isTimestamp(b)) return commonTimestamp(a, b, nullable);
  if (a.kind === "TIME" && b.kind === "TIME") {
    return { kind: "TIME", precision: Math.max(a.precision, b.precision), nullable };
  }
  if ((a.kind === "ARRAY" && b.kind === "ARRAY") || (a.kind === "MULTISET" && b.kind === "MULTISET")) {
    const element = commonOfTwo(a.element, b.element);
    return element === undefined ? undefined : { kind: a.kind, element, nullable };
  }
  if (a.kind === "MAP" && b.kind === "MAP") {
    const key = commonOfTwo(a.key, b.key);
    const value = commonOfTwo(a.value, b.value);
    return key === undefined || value === undefined ? undefined : { kind: "MAP", key, value, nullable };
  }
  if (a.kind === "ROW" && b.kind === "ROW") return commonRow(a.fields, b.fields, nullable);
  return a.kind === b.kind ? withNullable(a, nullable) : undefined;
}

type TimestampType = Extract<DataType, { kind: "TIMESTAMP" | "TIMESTAMP_LTZ" }>;

function isTimestamp(type: DataType): type is TimestampType {
  return type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ";
}

function commonTimestamp(a: TimestampType, b: TimestampType, nullable: boolean): DataType {
  const precision = Math.max(a.precision, b.precision);
  // As in Flink: the first one decides, but with different precisions the last.
  const { kind } = a.precision === b.precision ? a : b;
  const timeAttribute = a.kind === b.kind && a.timeAttribute === b.timeAttribute ? a.timeAttribute : undefined;
  if (timeAttribute !== undefined) return { kind, precision, nullable, timeAttribute };
  const computedFrom = a.precision === b.precision ? shownTimeAttribute(a) : undefined;
  return computedFrom === undefined ? { kind, precision, nullable } : { kind, precision, nullable, computedFrom };
}

const NUMBER_RANK = { TINYINT: 1, SMALLINT: 2, INT: 3, BIGINT: 4, FLOAT: 5, DOUBLE: 5 } as const;

function commonNumber(a: DataType, b: DataType, nullable: boolean): DataType {
  if (a.kind === "DECIMAL" || b.kind === "DECIMAL") {
    const left = decimalSizeOf(a);
    const right = decimalSizeOf(b);
    if (left === undefined || right === undefined) return { kind: "DOUBLE", nullable };
    return { kind: "DECIMAL", ...unionSize(left, right), nullable };
  }
  const rank = (type: DataType): number => NUMBER_RANK[type.kind as keyof typeof NUMBER_RANK];
  return withNullable(rank(a) >= rank(b) ? a : b, nullable);
}

function commonLength(
  a: DataType,
  b: DataType,
  fixed: "CHAR" | "BINARY",
  varying: "VARCHAR" | "VARBINARY",
  nullable: boolean,
): DataType {
  const left = lengthOf(a);
  const right = lengthOf(b);
  const kind = a.kind === fixed && b.kind === fixed && left === right ? fixed : varying;
  return { kind, length: Math.max(left, right), nullable };
}

function lengthOf(type: DataType): number {
  return "length" in type ? type.length : MAX_LENGTH;
}

function commonRow(a: readonly Field[], b: readonly Field[], nullable: boolean): DataType | undefined {
  if (a.length !== b.length) return undefined;
  const fields: Field[] = [];
  for (const [i, field] of a.entries()) {
    const type = commonOfTwo(field.type, b[i]!.type);
    if (type === undefined) return undefined;
    fields.push({ name: field.name, type });
  }
  return { kind: "ROW", fields, nullable };
}

/**
 * True when INSERT may convert silently: to a wider integer, to DECIMAL, FLOAT or DOUBLE from numbers, between text
 * lengths, between timestamps and to their DATE or TIME, item by item in collections. Nullability does not matter.
 */
export function canImplicitlyCast(from: DataType, to: DataType): boolean {
  if (from.kind === "NULL") return true;
  switch (to.kind) {
    case "VARCHAR":
      return isText(from);
    case "VARBINARY":
      return isBinary(from);
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "BIGINT":
      return isInteger(from) && NUMBER_RANK[from.kind as "INT"] <= NUMBER_RANK[to.kind];
    case "DECIMAL":
    case "DOUBLE":
      return isNumeric(from);
    case "FLOAT":
      return isNumeric(from) && from.kind !== "DOUBLE";
    case "DATE":
    case "TIME":
      return from.kind === to.kind || from.kind === "TIMESTAMP";
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return isTimestamp(from);
    case "ARRAY":
    case "MULTISET":
    case "MAP":
    case "ROW":
      return itemsCast(from, to, canImplicitlyCast);
    default:
      return from.kind === to.kind;
  }
}

/** True when CAST may be written for the types; it may still fail on a value. */
export function canCast(from: DataType, to: DataType): boolean {
  if (from.kind === "NULL" || canImplicitlyCast(from, to)) return true;
  switch (to.kind) {
    case "CHAR":
    case "VARCHAR":
      return from.kind !== "VARIANT";
    case "BOOLEAN":
      return isText(from) || isNumeric(from);
    case "BINARY":
    case "VARBINARY":
      return isText(from) || isBinary(from);
    case "INT":
    case "BIGINT":
    case "TINYINT":
    case "SMALLINT":
    case "DECIMAL":
    case "FLOAT":
    case "DOUBLE":
      return isNumeric(from) || isText(from) || from.kind === "BOOLEAN";
    case "DATE":
      return isText(from) || isTimestamp(from);
    case "TIME":
      return isText(from) || isTimestamp(from);
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return isText(from) || from.kind === "DATE" || from.kind === "TIME";
    case "INTERVAL_YEAR_MONTH":
    case "INTERVAL_DAY_TIME":
      // A number would need the unit of the qualifier, which the type does not keep.
      return false;
    case "ARRAY":
    case "MULTISET":
    case "MAP":
    case "ROW":
      return itemsCast(from, to, canCast);
    case "VARIANT":
    case "NULL":
      return false;
  }
}

/** True for both interval families. */
export function isInterval(type: DataType): boolean {
  return type.kind === "INTERVAL_YEAR_MONTH" || type.kind === "INTERVAL_DAY_TIME";
}

function itemsCast(from: DataType, to: DataType, test: (from: DataType, to: DataType) => boolean): boolean {
  if (from.kind !== to.kind) return false;
  if ((from.kind === "ARRAY" || from.kind === "MULTISET") && (to.kind === "ARRAY" || to.kind === "MULTISET")) {
    return test(from.element, to.element);
  }
  if (from.kind === "MAP" && to.kind === "MAP") return test(from.key, to.key) && test(from.value, to.value);
  if (from.kind !== "ROW" || to.kind !== "ROW" || from.fields.length !== to.fields.length) return false;
  return from.fields.every((field, i) => test(field.type, to.fields[i]!.type));
}

/** True when the types are the same but for nullability (inner nullability counts, time attributes and comments do not). */
export function sameType(a: DataType, b: DataType): boolean {
  return typeKey(withNullable(a, true)) === typeKey(withNullable(b, true));
}

function typeKey(type: DataType): string {
  const mark = type.nullable ? "" : "!";
  switch (type.kind) {
    case "CHAR":
    case "VARCHAR":
    case "BINARY":
    case "VARBINARY":
      return `${type.kind}(${type.length})${mark}`;
    case "DECIMAL":
      return `DECIMAL(${type.precision},${type.scale})${mark}`;
    case "TIME":
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return `${type.kind}(${type.precision})${mark}`;
    case "ARRAY":
    case "MULTISET":
      return `${type.kind}<${typeKey(type.element)}>${mark}`;
    case "MAP":
      return `MAP<${typeKey(type.key)},${typeKey(type.value)}>${mark}`;
    case "ROW":
      return `ROW<${type.fields.map((f) => `${JSON.stringify(f.name)} ${typeKey(f.type)}`).join(",")}>${mark}`;
    default:
      return `${type.kind}${mark}`;
  }
}
