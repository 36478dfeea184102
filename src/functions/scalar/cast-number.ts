import type { DataType, Value } from "../../types/data-type.ts";
import { decimalFromDouble, decimalToDouble, powerOfTen, rescale, type DecimalSize } from "../../types/decimal.ts";
import type { Converter } from "./cast-converter.ts";

/** Bits of the integer types. */
const BITS = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64 } as const;

type IntegerKind = keyof typeof BITS;

/** Numbers among each other. Integers wrap around; doubles saturate; decimals round half up, and are `null` past their size. */
export function numberToNumber(from: DataType, to: DataType): Converter | undefined {
  switch (from.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT":
      return fromInt(to);
    case "BIGINT":
      return fromBigint(to);
    case "FLOAT":
    case "DOUBLE":
      return fromDouble(to);
    case "DECIMAL":
      return fromDecimal(from, to);
    default:
      return undefined;
  }
}

function fromInt(to: DataType): Converter | undefined {
  switch (to.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT": {
      const shift = 32 - BITS[to.kind];
      return (value) => ((value as number) << shift) >> shift;
    }
    case "BIGINT":
      return (value) => BigInt(value as number);
    case "FLOAT":
      return (value) => Math.fround(value as number);
    case "DOUBLE":
      return (value) => value;
    case "DECIMAL":
      return (value) => rescale(BigInt(value as number), 0, to.scale, to.precision);
    case "BOOLEAN":
      return (value) => value !== 0;
    default:
      return undefined;
  }
}

function fromBigint(to: DataType): Converter | undefined {
  switch (to.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT": {
      const bits = BITS[to.kind];
      return (value) => Number(BigInt.asIntN(bits, value as bigint));
    }
    case "BIGINT":
      return (value) => value;
    case "FLOAT":
      return (value) => Math.fround(Number(value));
    case "DOUBLE":
      return (value) => Number(value);
    case "DECIMAL":
      return (value) => rescale(value as bigint, 0, to.scale, to.precision);
    case "BOOLEAN":
      return (value) => value !== 0n;
    default:
      return undefined;
  }
}

function fromDouble(to: DataType): Converter | undefined {
  switch (to.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT": {
      // As in Java: saturates to 32 bits first, then wraps.
      const shift = 32 - BITS[to.kind];
      return (value) => (saturate(value as number) << shift) >> shift;
    }
    case "BIGINT":
      return (value) => saturateBigint(value as number);
    case "FLOAT":
      return (value) => Math.fround(value as number);
    case "DOUBLE":
      return (value) => value;
    case "BOOLEAN":
      return (value) => value !== 0;
    case "DECIMAL":
      return (value) => (Number.isFinite(value) ? decimalFromDouble(value as number, to) : undefined);
    default:
      return undefined;
  }
}

/** Java's (int) of a double: cut, saturating; NaN is 0. */
function saturate(value: number): number {
  if (value >= 2147483647) return 2147483647;
  return value <= -2147483648 ? -2147483648 : value | 0;
}

/** Java's (long) of a double. */
function saturateBigint(value: number): bigint {
  if (value >= 2 ** 63) return 9223372036854775807n;
  if (value <= -(2 ** 63)) return -9223372036854775808n;
  return Number.isNaN(value) ? 0n : BigInt(Math.trunc(value));
}

function fromDecimal(from: DecimalSize, to: DataType): Converter | undefined {
  const { scale } = from;
  const unit = powerOfTen(scale);
  switch (to.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT": {
      const bits = BITS[to.kind];
      return (value) => Number(BigInt.asIntN(bits, (value as bigint) / unit));
    }
    case "BIGINT":
      return (value) => BigInt.asIntN(64, (value as bigint) / unit);
    case "FLOAT":
      return (value) => Math.fround(decimalToDouble(value as bigint, scale));
    case "DOUBLE":
      return (value) => decimalToDouble(value as bigint, scale);
    case "DECIMAL":
      return (value) => rescale(value as bigint, scale, to.scale, to.precision);
    case "BOOLEAN":
      return (value) => value !== 0n;
    default:
      return undefined;
  }
}

/** TRUE is 1 and FALSE is 0. */
export function booleanToNumber(to: DataType): Converter | undefined {
  const one = fromInt(to)?.(1);
  const zero = fromInt(to)?.(0);
  if (one === undefined || zero === undefined) return undefined;
  return (value) => (value === true ? one : zero);
}

/** A JavaScript expression for number casts that cannot fail; may yield `null` on DECIMAL overflow. */
export function emitNumberCast(
  value: string,
  from: DataType,
  to: DataType,
  constant: (value: unknown) => string,
): string | undefined {
  const fromSmall = from.kind === "INT" || from.kind === "SMALLINT" || from.kind === "TINYINT";
  if (from.kind === "DECIMAL" && to.kind === "DECIMAL") return emitRescale(value, from, to);
  switch (to.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT":
      return emitToInt(value, from, to.kind, constant);
    case "BIGINT":
      if (from.kind === "BIGINT") return value;
      if (fromSmall) return `BigInt(${value})`;
      if (from.kind === "DECIMAL") return `BigInt.asIntN(64, ${value} / ${powerOfTen(from.scale)}n)`;
      return `${constant(saturateBigint)}(${value})`;
    case "FLOAT":
      return fromSmall || from.kind === "DOUBLE" || from.kind === "FLOAT" ? `Math.fround(${value})` : undefined;
    case "DOUBLE":
      if (fromSmall || from.kind === "FLOAT" || from.kind === "DOUBLE") return value;
      return from.kind === "BIGINT" ? `Number(${value})` : undefined;
    case "DECIMAL":
      if (fromSmall) return emitRescale(`BigInt(${value})`, { precision: 10, scale: 0 }, to);
      return from.kind === "BIGINT" ? emitRescale(value, { precision: 19, scale: 0 }, to) : undefined;
    default:
      return undefined;
  }
}

function emitToInt(
  value: string,
  from: DataType,
  to: Exclude<IntegerKind, "BIGINT">,
  constant: (value: unknown) => string,
): string {
  const shift = 32 - BITS[to];
  const narrow = (int: string): string => (shift === 0 ? int : `((${int} << ${shift}) >> ${shift})`);
  switch (from.kind) {
    case "BIGINT":
      return `Number(BigInt.asIntN(${BITS[to]}, ${value}))`;
    case "DECIMAL":
      return `Number(BigInt.asIntN(${BITS[to]}, ${value} / ${powerOfTen(from.scale)}n))`;
    case "FLOAT":
    case "DOUBLE":
      return narrow(`${constant(saturate)}(${value})`);
    default:
      return BITS[from.kind as IntegerKind] <= BITS[to] ? value : narrow(value);
  }
}

/** Only where nothing is rounded and nothing can overflow. */
function emitRescale(value: string, from: DecimalSize, to: DecimalSize): string | undefined {
  if (to.scale < from.scale || to.precision - to.scale < from.precision - from.scale) return undefined;
  return to.scale === from.scale ? value : `(${value} * ${powerOfTen(to.scale - from.scale)}n)`;
}

/** The text of a value in an error message. */
export function shownValue(value: Value): string {
  return typeof value === "object" ? "value" : String(value);
}
