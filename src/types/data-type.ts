/** `VARCHAR(2147483647)` is STRING, `VARBINARY(2147483647)` is BYTES. */
export const MAX_LENGTH = 2147483647;

/**
 * A SQL type (closed set: switches over `kind` are exhaustive). `timeAttribute` marks an event-time or
 * processing-time attribute, which Flink treats as part of the type. `computedFrom` marks what an expression made of one: it is
 * shown as one, and GROUP BY takes windows over it, but else it is a plain time.
 */
export type DataType =
  | {
      readonly kind:
        | "BOOLEAN"
        | "TINYINT"
        | "SMALLINT"
        | "INT"
        | "BIGINT"
        | "FLOAT"
        | "DOUBLE"
        | "DATE"
        | "INTERVAL_YEAR_MONTH"
        | "INTERVAL_DAY_TIME"
        | "VARIANT"
        /** The type of a bare NULL literal. */
        | "NULL";
      readonly nullable: boolean;
    }
  | { readonly kind: "CHAR" | "VARCHAR" | "BINARY" | "VARBINARY"; readonly length: number; readonly nullable: boolean }
  | { readonly kind: "DECIMAL"; readonly precision: number; readonly scale: number; readonly nullable: boolean }
  | { readonly kind: "TIME"; readonly precision: number; readonly nullable: boolean }
  | {
      readonly kind: "TIMESTAMP" | "TIMESTAMP_LTZ";
      readonly precision: number;
      readonly nullable: boolean;
      readonly timeAttribute?: "rowtime" | "proctime" | undefined;
      readonly computedFrom?: "rowtime" | "proctime" | undefined;
    }
  | { readonly kind: "ARRAY" | "MULTISET"; readonly element: DataType; readonly nullable: boolean }
  | { readonly kind: "MAP"; readonly key: DataType; readonly value: DataType; readonly nullable: boolean }
  | { readonly kind: "ROW"; readonly fields: readonly Field[]; readonly nullable: boolean };

export type TypeKind = DataType["kind"];

export interface Field {
  readonly name: string;
  readonly type: DataType;
  readonly comment?: string | undefined;
}

export interface Schema {
  readonly fields: readonly Field[];
}

/**
 * A SQL value as JavaScript sees it: at the edges (formats, shell, user functions), in the interpreter, and as the
 * local variables of generated code. The form depends on the type:
 *
 * | type | form |
 * |---|---|
 * | BOOLEAN | boolean |
 * | TINYINT, SMALLINT, INT | number (integer) |
 * | BIGINT | bigint (signed 64 bit) |
 * | FLOAT, DOUBLE | number (FLOAT is always `Math.fround`ed) |
 * | DECIMAL(p, s) | bigint, the unscaled value |
 * | CHAR, VARCHAR | string |
 * | BINARY, VARBINARY | Uint8Array |
 * | DATE | number, days since 1970-01-01 |
 * | TIME | number, milliseconds of the day |
 * | TIMESTAMP(p), TIMESTAMP_LTZ(p), p ≤ 3 | number, epoch milliseconds (wall clock as if UTC; LTZ: the instant) |
 * | TIMESTAMP(p), TIMESTAMP_LTZ(p), p > 3 | bigint, epoch nanoseconds |
 * | INTERVAL YEAR TO MONTH | number, months |
 * | INTERVAL DAY TO SECOND | number, milliseconds |
 * | ARRAY | array of values |
 * | MAP, MULTISET | SqlMap: array of [key, value] pairs in insertion order (MULTISET: value is the count, a number) |
 * | ROW | array of field values, by position |
 * | VARIANT | string, its JSON text with sorted keys and shortest numbers |
 *
 * NULL is `null` everywhere.
 */
export type Value = boolean | number | bigint | string | Uint8Array | null | readonly Value[];

/** The value of a MAP or MULTISET. */
export type SqlMap = readonly (readonly [key: Value, value: Value])[];

/** Physical storage of a type in a column; see `batch/column.ts`. */
export type Storage = "bool" | "i32" | "i64" | "f64" | "i128" | "bytes" | "any";

/** Which storage holds values of the type. */
export function storageOf(type: DataType): Storage {
  switch (type.kind) {
    case "BOOLEAN":
    case "NULL":
      return "bool";
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "DATE":
    case "TIME":
    case "INTERVAL_YEAR_MONTH":
      return "i32";
    case "BIGINT":
      return "i64";
    case "FLOAT":
    case "DOUBLE":
    case "INTERVAL_DAY_TIME":
      return "f64";
    case "DECIMAL":
      return type.precision <= 18 ? "i64" : "i128";
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return type.precision <= 3 ? "f64" : "i128";
    case "CHAR":
    case "VARCHAR":
    case "BINARY":
    case "VARBINARY":
      return "bytes";
    case "ARRAY":
    case "MAP":
    case "MULTISET":
    case "ROW":
    case "VARIANT":
      return "any";
  }
}

/** True for CHAR and VARCHAR: the bytes are UTF-8 text. */
export function isText(type: DataType): boolean {
  return type.kind === "CHAR" || type.kind === "VARCHAR";
}

/** True for BINARY and VARBINARY. */
export function isBinary(type: DataType): boolean {
  return type.kind === "BINARY" || type.kind === "VARBINARY";
}

/** TINYINT … BIGINT. */
export function isInteger(type: DataType): boolean {
  return type.kind === "TINYINT" || type.kind === "SMALLINT" || type.kind === "INT" || type.kind === "BIGINT";
}

/** FLOAT, DOUBLE. */
export function isFloating({ kind }: DataType): boolean {
  return kind === "FLOAT" || kind === "DOUBLE";
}

/** Integers, FLOAT, DOUBLE, DECIMAL. */
export function isNumeric(type: DataType): boolean {
  return isInteger(type) || isFloating(type) || type.kind === "DECIMAL";
}

/** As Flink derives types of comparisons and arrays, a row with a nullable field counts as nullable itself. */
export function holdsNull(type: DataType): boolean {
  return type.nullable || (type.kind === "ROW" && type.fields.some((field) => holdsNull(field.type)));
}

/** The same type with another nullability. */
export function withNullable(type: DataType, nullable: boolean): DataType {
  return type.nullable === nullable ? type : { ...type, nullable };
}

/** A time attribute that stands for the clock. */
export function isProctime(type: DataType): boolean {
  return type.kind === "TIMESTAMP_LTZ" && type.timeAttribute === "proctime";
}

/** The time attribute that a type is shown with: also that of a value computed from one. */
export function shownTimeAttribute(type: DataType | undefined): "rowtime" | "proctime" | undefined {
  if (type?.kind !== "TIMESTAMP" && type?.kind !== "TIMESTAMP_LTZ") return undefined;
  return type.timeAttribute ?? type.computedFrom;
}

/** The same type without its time attribute. */
export function withoutTimeAttribute(type: DataType): DataType {
  if (type.kind !== "TIMESTAMP" && type.kind !== "TIMESTAMP_LTZ") return type;
  if (shownTimeAttribute(type) === undefined) return type;
  return { kind: type.kind, precision: type.precision, nullable: type.nullable };
}

/** Short constructors; nullable unless said otherwise. */
export const T = {
  boolean: (nullable = true): DataType => ({ kind: "BOOLEAN", nullable }),
  tinyint: (nullable = true): DataType => ({ kind: "TINYINT", nullable }),
  smallint: (nullable = true): DataType => ({ kind: "SMALLINT", nullable }),
  int: (nullable = true): DataType => ({ kind: "INT", nullable }),
  bigint: (nullable = true): DataType => ({ kind: "BIGINT", nullable }),
  float: (nullable = true): DataType => ({ kind: "FLOAT", nullable }),
  double: (nullable = true): DataType => ({ kind: "DOUBLE", nullable }),
  date: (nullable = true): DataType => ({ kind: "DATE", nullable }),
  time: (precision = 0, nullable = true): DataType => ({ kind: "TIME", precision, nullable }),
  string: (nullable = true): DataType => ({ kind: "VARCHAR", length: MAX_LENGTH, nullable }),
  varchar: (length: number, nullable = true): DataType => ({ kind: "VARCHAR", length, nullable }),
  char: (length: number, nullable = true): DataType => ({ kind: "CHAR", length, nullable }),
  bytes: (nullable = true): DataType => ({ kind: "VARBINARY", length: MAX_LENGTH, nullable }),
  binary: (length: number, nullable = true): DataType => ({ kind: "BINARY", length, nullable }),
  decimal: (precision: number, scale: number, nullable = true): DataType => ({
    kind: "DECIMAL",
    precision,
    scale,
    nullable,
  }),
  timestamp: (precision = 6, nullable = true): DataType => ({ kind: "TIMESTAMP", precision, nullable }),
  timestampLtz: (precision = 6, nullable = true): DataType => ({ kind: "TIMESTAMP_LTZ", precision, nullable }),
  intervalMonth: (nullable = true): DataType => ({ kind: "INTERVAL_YEAR_MONTH", nullable }),
  intervalMillis: (nullable = true): DataType => ({ kind: "INTERVAL_DAY_TIME", nullable }),
  variant: (nullable = true): DataType => ({ kind: "VARIANT", nullable }),
  null: (): DataType => ({ kind: "NULL", nullable: true }),
  array: (element: DataType, nullable = true): DataType => ({ kind: "ARRAY", element, nullable }),
  map: (key: DataType, value: DataType, nullable = true): DataType => ({ kind: "MAP", key, value, nullable }),
  multiset: (element: DataType, nullable = true): DataType => ({ kind: "MULTISET", element, nullable }),
  row: (fields: readonly Field[], nullable = true): DataType => ({ kind: "ROW", fields, nullable }),
} as const;
