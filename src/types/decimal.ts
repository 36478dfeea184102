import type { DataType } from "./data-type.ts";

/** Most digits of a DECIMAL. */
const MAX_PRECISION = 38;

/** Precision and scale of a DECIMAL type. */
export interface DecimalSize {
  readonly precision: number;
  readonly scale: number;
}

/** 10^n for 0 ≤ n ≤ 80. */
export function powerOfTen(n: number): bigint {
  return POWERS[n] ?? 10n ** BigInt(n);
}

const POWERS: readonly bigint[] = Array.from({ length: 81 }, (_, n) => 10n ** BigInt(n));

/** The DECIMAL that holds every value of an exact numeric type; `undefined` for other types. */
export function decimalSizeOf(type: DataType): DecimalSize | undefined {
  switch (type.kind) {
    case "DECIMAL":
      return type;
    case "TINYINT":
      return { precision: 3, scale: 0 };
    case "SMALLINT":
      return { precision: 5, scale: 0 };
    case "INT":
      return { precision: 10, scale: 0 };
    case "BIGINT":
      return { precision: 19, scale: 0 };
    default:
      return undefined;
  }
}

/**
 * The sizes of two operands brought to one scale, so that what is a literal is scaled once and for all; operands whose
 * digits would not fit keep their scale.
 */
export function alignScales(a: DecimalSize, b: DecimalSize): readonly [DecimalSize, DecimalSize] {
  const scale = Math.max(a.scale, b.scale);
  const raise = (size: DecimalSize): DecimalSize => {
    const precision = size.precision + scale - size.scale;
    return precision > MAX_PRECISION ? size : { precision, scale };
  };
  return [raise(a), raise(b)];
}

/** Size of a sum or difference. */
export function sumSize(a: DecimalSize, b: DecimalSize): DecimalSize {
  const scale = Math.max(a.scale, b.scale);
  return adjust(Math.max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale);
}

/** Size of a product. */
export function productSize(a: DecimalSize, b: DecimalSize): DecimalSize {
  return adjust(a.precision + b.precision + 1, a.scale + b.scale);
}

/** Size of a quotient. */
export function quotientSize(a: DecimalSize, b: DecimalSize): DecimalSize {
  const scale = Math.max(6, a.scale + b.precision + 1);
  return adjust(a.precision - a.scale + b.scale + scale, scale);
}

/** Size of a remainder. */
export function remainderSize(a: DecimalSize, b: DecimalSize): DecimalSize {
  const scale = Math.max(a.scale, b.scale);
  return adjust(Math.min(a.precision - a.scale, b.precision - b.scale) + scale, scale);
}

/** Size of ROUND and TRUNCATE to `digits` behind the point. */
export function roundSize(a: DecimalSize, digits: number): DecimalSize {
  if (digits >= a.scale) return { precision: a.precision, scale: a.scale };
  const scale = Math.max(0, digits);
  return { precision: Math.min(MAX_PRECISION, 1 + a.precision - a.scale + scale), scale };
}

/** The smallest DECIMAL that holds both (cut at 38 digits, the fraction gives way). */
export function unionSize(a: DecimalSize, b: DecimalSize): DecimalSize {
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  const precision = Math.min(MAX_PRECISION, whole + scale);
  return { precision, scale: Math.min(scale, Math.max(0, precision - whole)) };
}

/** Past 38 digits the fraction gives way, but keeps 6 digits (or what it had). */
function adjust(precision: number, scale: number): DecimalSize {
  if (precision <= MAX_PRECISION) return { precision, scale };
  const whole = precision - scale;
  return { precision: MAX_PRECISION, scale: Math.max(MAX_PRECISION - whole, Math.min(scale, 6)) };
}

/** a / b, rounded half away from zero. `b` is not 0. */
export function divideRounded(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const rest = a - quotient * b;
  if (rest === 0n) return quotient;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < (b < 0n ? -b : b)) return quotient;
  return a < 0n === b < 0n ? quotient + 1n : quotient - 1n;
}

/** True when the unscaled value has at most `precision` digits. */
export function fitsPrecision(unscaled: bigint, precision: number): boolean {
  const limit = powerOfTen(precision);
  return unscaled < limit && unscaled > -limit;
}

/** The unscaled value at another scale, rounded half away from zero; `null` when it has more than `precision` digits. */
export function rescale(unscaled: bigint, fromScale: number, toScale: number, precision: number): bigint | null {
  const scaled =
    toScale >= fromScale
      ? unscaled * powerOfTen(toScale - fromScale)
      : divideRounded(unscaled, powerOfTen(fromScale - toScale));
  return fitsPrecision(scaled, precision) ? scaled : null;
}

/** Quotient of two unscaled values at the result size, rounded half up; `null` on overflow. `b` is not 0. */
export function divideDecimals(
  a: bigint,
  aScale: number,
  b: bigint,
  bScale: number,
  result: DecimalSize,
): bigint | null {
  const shift = result.scale + bScale - aScale;
  const quotient = shift >= 0 ? divideRounded(a * powerOfTen(shift), b) : divideRounded(a, b * powerOfTen(-shift));
  return fitsPrecision(quotient, result.precision) ? quotient : null;
}

/** -1, 0 or 1; the scales may differ. */
export function compareDecimals(a: bigint, aScale: number, b: bigint, bScale: number): number {
  const left = aScale < bScale ? a * powerOfTen(bScale - aScale) : a;
  const right = bScale < aScale ? b * powerOfTen(aScale - bScale) : b;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** A decimal as written: `unscaled` × 10^-`scale`; the scale may be negative (`1e3`). */
export interface ParsedDecimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/** `12`, `+7`, `.5`, `12.`, `1e2`; surrounding blanks do not matter. `undefined`: not a number. */
export function parseDecimal(text: string): ParsedDecimal | undefined {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return undefined;
  const fraction = match[3] ?? "";
  const digits = `${match[2] ?? ""}${fraction}`;
  if (digits === "") return undefined;
  const unscaled = BigInt(digits);
  return { unscaled: match[1] === "-" ? -unscaled : unscaled, scale: fraction.length - Number(match[4] ?? 0) };
}

/** Rounds a parsed decimal to a DECIMAL size; `null` when it does not fit. */
export function toDecimalSize(parsed: ParsedDecimal, size: DecimalSize): bigint | null {
  const { unscaled, scale } = parsed;
  if (unscaled === 0n) return 0n;
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().length;
  // Far out of either end, so that exponents like 1e999999999 cost nothing.
  if (digits - scale > MAX_PRECISION) return null;
  if (digits - scale < -MAX_PRECISION - 1) return 0n;
  return rescale(unscaled, scale, size.scale, size.precision);
}

/** The nearest DECIMAL of a finite DOUBLE, by its shortest decimal text; `null` when it does not fit. */
export function decimalFromDouble(value: number, size: DecimalSize): bigint | null {
  if (Number.isSafeInteger(value)) return rescale(BigInt(value), 0, size.scale, size.precision);
  const parsed = parseDecimal(String(value));
  return parsed === undefined ? null : toDecimalSize(parsed, size);
}

/** The nearest double of an unscaled value. */
export function decimalToDouble(unscaled: bigint, scale: number): number {
  if (scale === 0) return Number(unscaled);
  // Both operands are exact, so that the division rounds once.
  if (scale <= 22 && unscaled <= EXACT && unscaled >= -EXACT) return Number(unscaled) / 10 ** scale;
  return Number(`${unscaled}e-${scale}`);
}

const EXACT = BigInt(Number.MAX_SAFE_INTEGER);

/** `-12.50`: plain digits with exactly `scale` of them behind the point. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${negative ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Java's BigDecimal.toString: scientific below 10^-6 (`1E-7`), else plain. */
export function bigDecimalText(unscaled: bigint, scale: number): string {
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString();
  const exponent = digits.length - 1 - scale;
  if (scale >= 0 && exponent >= -6) return decimalText(unscaled, scale);
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${negative ? "-" : ""}${digits[0]}${fraction}E${exponent > 0 ? "+" : ""}${exponent}`;
}
