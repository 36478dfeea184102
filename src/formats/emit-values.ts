import type { DataType } from "../types/data-type.ts";
import type { CodeWriter } from "./code-writer.ts";
import type { ColumnSlot } from "./columns.ts";
import type { TimestampStyle } from "./text/temporal.ts";

/**
 * Source for values that generated scanners read themselves. All of it uses the scanner's variables: bytes `b`, view
 * `dv`, position `p`, row `n`, helpers `h`, and the temporaries `c k s t v w`.
 */

const EXACT_POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Source that stores the integer `v` (below 2^53) in row `n`. */
export function storeInteger(code: CodeWriter, slot: ColumnSlot): string {
  const notNull = `${code.nulls(slot)}[n] = 0;`;
  const values = code.array(slot, "i32");
  if (slot.storage === "i32") return `${values}[n] = v; ${notNull}`;
  // The low word is taken modulo 2^32 by the array.
  return `${values}[2 * n] = v; ${values}[2 * n + 1] = v >= 0 && v < 4294967296 ? 0 : Math.floor(v / 4294967296); ${notNull}`;
}

/** The first value beyond the range of an integer type, as far as doubles count exactly; undefined for other types. */
export function integerLimit(type: DataType): number | undefined {
  switch (type.kind) {
    case "TINYINT":
      return 128;
    case "SMALLINT":
      return 32768;
    case "INT":
      return 2147483648;
    case "BIGINT":
      return 2 ** 53;
    default:
      return undefined;
  }
}

/** True for types that `readFraction` and `storeFraction` can do. */
export function isFractional(type: DataType): boolean {
  return type.kind === "DOUBLE" || type.kind === "FLOAT" || (type.kind === "DECIMAL" && type.precision <= 18);
}

/**
 * Source that reads `-12.50` at `p`: digits as `v`, their number behind the point as `w`, sign as `t`; `k` is 1 when
 * it was such a number, of at most 15 digits. `c` is the byte behind it.
 */
export const READ_FRACTION = `
  t = b[p] === 45 ? 1 : 0;
  p += t; s = p; v = 0; w = -1;
  for (;; p++) {
    c = b[p] - 48;
    if (c >= 0 && c <= 9) { v = v * 10 + c; if (w >= 0) w++; }
    else if (c === -2 && w < 0) w = 0;
    else break;
  }
  c += 48;
  k = p - s - (w < 0 ? 0 : 1);
  k = k > 0 && k <= 15 && w !== 0 && b[s] !== 46 ? 1 : 0;
  if (w < 0) w = 0;`;

/** Source that stores what `READ_FRACTION` has read, or runs `otherwise` when it does not fit as it is. */
export function storeFraction(code: CodeWriter, slot: ColumnSlot, otherwise: string): string {
  const { type } = slot;
  const powers = code.constant(EXACT_POWERS);
  const notNull = `${code.nulls(slot)}[n] = 0;`;
  if (type.kind !== "DECIMAL") {
    const value = type.kind === "FLOAT" ? "Math.fround(v)" : "v";
    return `v = v / ${powers}[w]; if (t === 1) v = -v; ${code.array(slot, "f64")}[n] = ${value}; ${notNull}`;
  }
  const { precision, scale } = type;
  const limit = Math.min(2 ** 53, Number(`1e${precision}`));
  return `if (w <= ${scale} && (v *= ${powers}[${scale} - w]) < ${limit}) {
    if (t === 1) v = -v;
    ${storeInteger(code, slot)}
  } else { ${otherwise} }`;
}

/**
 * Source that reads `yyyy-MM-dd HH:mm:ss.SSS` at `p` into an `f64` column; `fail` is a jump. Up to the minute it is
 * mostly the text of the row before, which is kept. (Read now and then all the same: code that was optimised before
 * the first change of the minute would have to be compiled again.)
 */
export function readTimestamp(code: CodeWriter, slot: ColumnSlot, style: TimestampStyle, fail: string): string {
  const first = code.variable("0");
  const second = code.variable("0");
  const minute = code.variable("0");
  return `if (p + 32 > b.length) ${fail}
    if ((n & 63) === 0 || dv.getFloat64(p, true) !== ${first} || dv.getFloat64(p + 8, true) !== ${second}) {
      v = h.minuteMillis(b, p, ${style.separator});
      if (v !== v) ${fail}
      ${minute} = v; ${first} = dv.getFloat64(p, true); ${second} = dv.getFloat64(p + 8, true);
    }
    k = b[p + 17] - 48; c = b[p + 18] - 48;
    if (b[p + 16] !== 58 || k < 0 || k > 5 || c < 0 || c > 9) ${fail}
    w = (k * 10 + c) * 1000;
    p += 19;
    if (b[p] === 46) {
      s = ++p;
      k = 100;
      while ((c = b[p] - 48) >= 0 && c <= 9) { w += c * k; k = k === 100 ? 10 : k === 10 ? 1 : 0; p++; }
      if (p - s > 9) ${fail}
    }
    ${style.zone ? `if (b[p++] !== 90) ${fail}` : ""}
    ${code.array(slot, "f64")}[n] = ${minute} + w; ${code.nulls(slot)}[n] = 0;`;
}

/** True for timestamps that `readTimestamp` can do. */
export function isMillisTimestamp(type: DataType): boolean {
  return (type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ") && type.precision <= 3;
}
