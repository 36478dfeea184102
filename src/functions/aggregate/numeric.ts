import type { DataType } from "../../types/data-type.ts";

/** Unscaled DECIMAL values stay below this in magnitude. */
export const DECIMAL_LIMIT = 10n ** 38n;

/** Marks a DECIMAL sum that has overflowed; it stays so. */
export const DECIMAL_OVERFLOW = (1n << 127n) - 1n;

/** The expression brought back into the range of the type, as Java arithmetic does. */
export function wrap(type: DataType, expression: string): string {
  switch (type.kind) {
    case "TINYINT":
      return `((${expression}) << 24 >> 24)`;
    case "SMALLINT":
      return `((${expression}) << 16 >> 16)`;
    case "INT":
    case "INTERVAL_YEAR_MONTH":
      return `((${expression}) | 0)`;
    case "BIGINT":
      return `BigInt.asIntN(64, ${expression})`;
    case "FLOAT":
      return `Math.fround(${expression})`;
    default:
      return `(${expression})`;
  }
}

/** True for types that SUM and AVG take. */
export function isSummable(type: DataType): boolean {
  switch (type.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "BIGINT":
    case "FLOAT":
    case "DOUBLE":
    case "DECIMAL":
    case "INTERVAL_YEAR_MONTH":
    case "INTERVAL_DAY_TIME":
      return true;
    default:
      return false;
  }
}

/** The literal 0 of the type's Value form. */
export function zeroOf(type: DataType): 0 | 0n {
  return type.kind === "BIGINT" || type.kind === "DECIMAL" ? 0n : 0;
}

/** The source text of `zeroOf`. */
export function zeroText(type: DataType): string {
  return zeroOf(type) === 0 ? "0" : "0n";
}

/** `numerator / denominator`, rounded half away from zero; the denominator is positive. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  if (2n * (rest < 0n ? -rest : rest) < denominator) return quotient;
  return numerator < 0n ? quotient - 1n : quotient + 1n;
}

/** Powers of ten by exponent. */
export function pow10(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
