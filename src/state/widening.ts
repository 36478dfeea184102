import { SqlError } from "../base/errors.ts";
import { createStorageBuilder } from "../batch/column-builder.ts";
import type { Column } from "../batch/column.ts";
import { valueAt } from "../batch/get.ts";
import { storageOf, type DataType, type Field, type Value } from "../types/data-type.ts";
import { typeText } from "../types/type-text.ts";
import { fieldSchemas, type ColumnSchema } from "./snapshot-manifest.ts";

/** How the values of a stored column become those of a declared one. */
export interface Widening {
  /** The stored column serves as it is. */
  readonly same: boolean;
  /** Keys that are hashed by other bytes than before: their rows belong to other key groups. */
  readonly rehashed: boolean;
  convert(column: Column, rowCount: number): Column;
}

/**
 * The widening from a stored to a declared column: same type, or one that holds every value of the old one (longer
 * text, more digits, INT → BIGINT, FLOAT → DOUBLE). Undefined: the values do not fit.
 */
export function widening(stored: ColumnSchema, declared: ColumnSchema): Widening | undefined {
  if ((stored.generic === true) !== (declared.generic === true)) return undefined;
  const [from, to] = [dataTypeOf(stored), dataTypeOf(declared)];
  const convert = valueWidening(from, to);
  if (convert === undefined) return undefined;
  // An operator's own values may hold those of the type anywhere.
  if (stored.generic === true) return convert === unchanged ? AS_IT_IS : undefined;
  if (stored.bits !== undefined || declared.bits !== undefined) return maskWidening(stored.bits, declared.bits);
  if (convert === unchanged && stored.storage === declared.storage) return AS_IT_IS;
  if (storageOf(from) !== stored.storage || storageOf(to) !== declared.storage) return undefined;
  return {
    same: false,
    rehashed: true,
    convert: (column, rowCount) => {
      const builder = createStorageBuilder(declared.storage, rowCount);
      for (let row = 0; row < rowCount; row++) {
        const value = valueAt(column, row, from);
        builder.append(value === null ? null : convert(value));
      }
      return builder.finish();
    },
  };
}

/** The type of a stored column; nullable, for that is not stored. */
export function dataTypeOf({ type }: ColumnSchema): DataType {
  return nullable(type as unknown as DataType);
}

function nullable(type: DataType): DataType {
  switch (type.kind) {
    case "ARRAY":
    case "MULTISET":
      return { ...type, element: nullable(type.element), nullable: true };
    case "MAP":
      return { ...type, key: nullable(type.key), value: nullable(type.value), nullable: true };
    case "ROW":
      return { ...type, fields: type.fields.map((f) => ({ ...f, type: nullable(f.type) })), nullable: true };
    default:
      return { ...type, nullable: true };
  }
}

/** A column as a state would store it. */
export function columnSchema(field: Field): ColumnSchema {
  return fieldSchemas([{ ...field, initial: null }])[0]!;
}

/** The type of a column in words. */
export function columnTypeText(column: ColumnSchema): string {
  return typeText(dataTypeOf(column));
}

const AS_IT_IS: Widening = { same: true, rehashed: false, convert: (column) => column };

const unchanged = (value: Value): Value => value;

/** Digits that the integers have at most. */
const DIGITS: Readonly<Record<string, number>> = { TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19 };

function valueWidening(from: DataType, to: DataType): ((value: Value) => Value) | undefined {
  const [fromDigits, toDigits] = [DIGITS[from.kind], DIGITS[to.kind]];
  if (fromDigits !== undefined) {
    if (toDigits !== undefined) {
      if (toDigits < fromDigits) return undefined;
      return to.kind === "BIGINT" && from.kind !== "BIGINT" ? (value) => BigInt(value as number) : unchanged;
    }
    if (to.kind === "DOUBLE") return fromDigits <= 10 ? unchanged : undefined;
    if (to.kind === "FLOAT") return fromDigits <= 5 ? unchanged : undefined;
    if (to.kind !== "DECIMAL" || to.precision - to.scale < fromDigits) return undefined;
    const factor = 10n ** BigInt(to.scale);
    return (value) => BigInt(value as number | bigint) * factor;
  }
  if (from.kind === "DECIMAL") return to.kind === "DECIMAL" ? decimalWidening(from, to) : undefined;
  switch (from.kind) {
    case "FLOAT":
      return to.kind === "FLOAT" || to.kind === "DOUBLE" ? unchanged : undefined;
    case "CHAR":
    case "BINARY": {
      const longer = from.kind === "CHAR" ? "VARCHAR" : "VARBINARY";
      return (to.kind === from.kind && to.length === from.length) || (to.kind === longer && to.length >= from.length)
        ? unchanged
        : undefined;
    }
    case "VARCHAR":
    case "VARBINARY":
      return to.kind === from.kind && to.length >= from.length ? unchanged : undefined;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ": {
      if (to.kind !== from.kind || to.precision < from.precision) return undefined;
      return from.precision <= 3 && to.precision > 3 ? (value) => BigInt(value as number) * 1_000_000n : unchanged;
    }
    case "ARRAY":
    case "MULTISET":
      return to.kind === from.kind && keepsForm(from.element, to.element) ? unchanged : undefined;
    case "MAP":
      return to.kind === "MAP" && keepsForm(from.key, to.key) && keepsForm(from.value, to.value)
        ? unchanged
        : undefined;
    case "ROW": {
      const same =
        to.kind === "ROW" &&
        to.fields.length === from.fields.length &&
        from.fields.every((f, i) => f.name === to.fields[i]!.name && keepsForm(f.type, to.fields[i]!.type));
      return same ? unchanged : undefined;
    }
    default:
      return to.kind === from.kind ? unchanged : undefined;
  }
}

function keepsForm(from: DataType, to: DataType): boolean {
  return valueWidening(from, to) === unchanged;
}

/** A sum that has overflowed stays so (functions/aggregate/numeric.ts). */
const DECIMAL_OVERFLOW = (1n << 127n) - 1n;
const DECIMAL_LIMIT = 10n ** 38n;

/** More digits; DECIMAL(38, s) is what sums are in, and takes more places where the sums leave room for them. */
function decimalWidening(
  from: Extract<DataType, { kind: "DECIMAL" }>,
  to: Extract<DataType, { kind: "DECIMAL" }>,
): ((value: Value) => Value) | undefined {
  const isSum = from.precision === 38 && to.precision === 38;
  if (to.scale < from.scale || (!isSum && to.precision - to.scale < from.precision - from.scale)) return undefined;
  if (to.scale === from.scale) return unchanged;
  const factor = 10n ** BigInt(to.scale - from.scale);
  return (value) => {
    if (value === DECIMAL_OVERFLOW) return value;
    const wider = (value as bigint) * factor;
    if (wider >= DECIMAL_LIMIT || wider <= -DECIMAL_LIMIT)
      throw new SqlError("STATE_INCOMPATIBLE", `a stored ${typeText(from)} does not fit into ${typeText(to)}`);
    return wider;
  };
}

/** Bits go to where the declared mask has those of their name. */
function maskWidening(from: readonly string[] = [], to: readonly string[] = []): Widening {
  if (from.length <= to.length && from.every((name, bit) => name === to[bit])) return AS_IT_IS;
  const moves = from.flatMap((name, bit) => (to.includes(name) ? [[1 << bit, 1 << to.indexOf(name)] as const] : []));
  return {
    same: false,
    rehashed: false,
    convert: (column, rowCount) => {
      const { values } = column as { values: Int32Array };
      const moved = new Int32Array(rowCount);
      for (let row = 0; row < rowCount; row++)
        for (const [old, fresh] of moves) if ((values[row]! & old) !== 0) moved[row]! |= fresh;
      return { storage: "i32", values: moved, nulls: column.nulls };
    },
  };
}
