import type { ByteWriter } from "../../base/byte-writer.ts";
import { civilFromDays, MILLIS_PER_DAY, splitTimestamp } from "../../types/datetime.ts";
import { bigDecimalText, decimalText } from "../../types/decimal.ts";
import { doubleText, floatText } from "../../types/double-text.ts";

/** Numbers and times as bytes, without strings in between where they are common. */

/** Writes an integer of at most 53 bits. */
export function writeInteger(out: ByteWriter, value: number): void {
  out.ensure(17);
  const target = out.bytes;
  let rest = value;
  if (rest < 0) {
    target[out.length++] = 45;
    rest = -rest;
  }
  let digits = 1;
  for (let limit = 10; rest >= limit && digits < 16; limit *= 10) digits++;
  out.length += digits;
  let p = out.length;
  // Above 31 bits the divisions are done on doubles, in two halves.
  while (rest > 999_999_999) {
    const high = Math.floor(rest / 1_000_000_000);
    let low = rest - high * 1_000_000_000;
    for (let i = 0; i < 9; i++) {
      const next = (low / 10) | 0;
      target[--p] = 48 + low - next * 10;
      low = next;
    }
    rest = high;
  }
  let low = rest | 0;
  do {
    const next = (low / 10) | 0;
    target[--p] = 48 + low - next * 10;
    low = next;
  } while (low > 0);
}

/** Writes the 64-bit integer of row `row`; `words` is the column's memory in 32-bit words. */
export function writeLong(out: ByteWriter, words: Int32Array, row: number): void {
  const high = words[2 * row + 1]!;
  const low = words[2 * row]! >>> 0;
  if (high >= -0x200000 && high < 0x200000) return writeInteger(out, high * 4294967296 + low);
  out.text(((BigInt(high) << 32n) | BigInt(low)).toString());
}

/** The 32-bit words of 64-bit values. */
export function wordsOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** Writes a DOUBLE as Java does. */
export function writeDouble(out: ByteWriter, value: number): void {
  if (Number.isInteger(value) && value < 1e7 && value > -1e7 && (value !== 0 || !Object.is(value, -0))) {
    writeInteger(out, value);
    out.ensure(2);
    out.bytes[out.length++] = 46;
    out.bytes[out.length++] = 48;
    return;
  }
  out.text(doubleText(value));
}

/** Writes a FLOAT as Java does. */
export function writeFloat(out: ByteWriter, value: number): void {
  out.text(floatText(value));
}

/** Writes a decimal in plain digits, or without the zeros at its end, as Java's BigDecimal prints it (`1E-7`). */
export function writeDecimal(out: ByteWriter, unscaled: bigint, scale: number, plain: boolean): void {
  out.text(plain ? decimalText(unscaled, scale) : strippedText(unscaled, scale));
}

/** Up to this scale a value is never below 1E-6, and its fraction fits 32 bits. */
const SMALL_SCALE = 6;

/**
 * The same for the 64-bit value of row `row` (`words`: the column's memory in 32-bit words), without a text in between where it
 * is small and has a fraction.
 */
export function writeDecimalLong(out: ByteWriter, words: Int32Array, row: number, scale: number, plain: boolean): void {
  const high = words[2 * row + 1]!;
  const low = words[2 * row]! >>> 0;
  if (scale > SMALL_SCALE || high < -0x200000 || high >= 0x200000)
    return writeDecimal(out, (BigInt(high) << 32n) | BigInt(low), scale, plain);
  let value = high * 4294967296 + low;
  let digits = scale;
  if (!plain) {
    if (value === 0) return out.byte(48);
    while (digits > 0 && value % 10 === 0) {
      value /= 10;
      digits--;
    }
    // Zeros in front of the point go too: 1E+3.
    if (digits === 0 && value % 10 === 0) return writeDecimal(out, BigInt(value), 0, false);
  }
  if (digits === 0) writeInteger(out, value);
  else writeFraction(out, value, digits);
}

/** Writes `value` / 10^`digits`. */
function writeFraction(out: ByteWriter, value: number, digits: number): void {
  const unit = 10 ** digits;
  const magnitude = Math.abs(value);
  const whole = Math.floor(magnitude / unit);
  if (value < 0) out.byte(45);
  writeInteger(out, whole);
  out.ensure(digits + 1);
  out.bytes[out.length++] = 46;
  let rest = magnitude - whole * unit;
  out.length += digits;
  for (let p = out.length - 1; digits > 0; digits--, p--) {
    const next = (rest / 10) | 0;
    out.bytes[p] = 48 + rest - next * 10;
    rest = next;
  }
}

/** The text of a decimal without zeros at its end: `1E+2`, `1.5`, `1E-7`. */
export function strippedText(unscaled: bigint, scale: number): string {
  if (unscaled === 0n) return "0";
  let value = unscaled;
  let digits = scale;
  while (value % 10n === 0n) {
    value /= 10n;
    digits--;
  }
  return bigDecimalText(value, digits);
}

function twoDigits(target: Uint8Array, p: number, value: number): void {
  const tens = (value / 10) | 0;
  target[p] = 48 + tens;
  target[p + 1] = 48 + value - tens * 10;
}

/** Writes days, times and timestamps; the text of the last day is kept, because rows mostly share it. */
export class TemporalWriter {
  private day = Number.NaN;
  private readonly text = new Uint8Array(16);
  private textLength = 0;

  /** `yyyy-MM-dd`. */
  date(out: ByteWriter, days: number): void {
    if (days !== this.day) this.renderDay(days);
    out.ensure(16);
    const { bytes, length } = out;
    for (let i = 0; i < this.textLength; i++) bytes[length + i] = this.text[i]!;
    out.length += this.textLength;
  }

  private renderDay(days: number): void {
    const { year, month, day } = civilFromDays(days);
    const digits = String(Math.abs(year)).padStart(4, "0");
    let sign = "";
    if (year < 0) sign = "-";
    else if (year > 9999) sign = "+";
    const text = `${sign}${digits}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
    for (let i = 0; i < text.length; i++) this.text[i] = text.charCodeAt(i);
    this.textLength = text.length;
    this.day = days;
  }

  /** `HH:mm:ss` and a fraction without zeros at its end. */
  time(out: ByteWriter, millisOfDay: number, nanosOfMilli: number): void {
    out.ensure(18);
    const { bytes } = out;
    const p = out.length;
    const seconds = (millisOfDay / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    twoDigits(bytes, p, hours);
    bytes[p + 2] = 58;
    twoDigits(bytes, p + 3, minutes - hours * 60);
    bytes[p + 5] = 58;
    twoDigits(bytes, p + 6, seconds - minutes * 60);
    out.length = p + 8;
    let fraction = (millisOfDay - seconds * 1000) * 1_000_000 + nanosOfMilli;
    if (fraction === 0) return;
    bytes[out.length++] = 46;
    for (let unit = 100_000_000; fraction > 0; unit /= 10) {
      const digit = (fraction / unit) | 0;
      bytes[out.length++] = 48 + digit;
      fraction -= digit * unit;
    }
  }

  /** Date, separator byte, time. `value` in either Value form of a timestamp. */
  timestamp(out: ByteWriter, value: number | bigint, separator: number): void {
    if (typeof value === "bigint") {
      const { days, millis, nanos } = splitTimestamp(value);
      this.date(out, days);
      out.byte(separator);
      return this.time(out, millis, nanos);
    }
    const days = Math.floor(value / MILLIS_PER_DAY);
    this.date(out, days);
    out.byte(separator);
    this.time(out, value - days * MILLIS_PER_DAY, 0);
  }
}
