import { formatDate, formatTime, formatTimestamp, splitTimestamp } from "./datetime.ts";
import type { DataType, SqlMap, Value } from "./data-type.ts";
import { bigDecimalText, decimalText } from "./decimal.ts";
import { doubleText, floatText } from "./double-text.ts";
import { durationText, intervalMillisText, intervalMonthsText, periodText } from "./interval.ts";
import { timestampFromInstant } from "./timezone.ts";

/** Turns values of one type into text; `null` gives `NULL` (or `null` for the print connector). */
export type TextOf = (value: Value) => string;

/**
 * The text a SQL client shows: what `CAST(value AS STRING)` gives, except that bytes are `x'00ff'`. NULL is `NULL`.
 * `zone` is the session time zone (for TIMESTAMP_LTZ).
 */
export function valueText(value: Value, type: DataType, zone: string): string {
  return textOf(type, zone)(value);
}

/** `valueText` prepared for many values of one type. */
export function textOf(type: DataType, zone: string): TextOf {
  return nullable("NULL", clientText(type, zone, hexText, WORDS));
}

/** The words of casts to text. */
interface Words {
  readonly null: string;
  readonly true: string;
  readonly false: string;
  /** Between the fields of a row. */
  readonly comma: string;
}

const WORDS: Words = { null: "NULL", true: "TRUE", false: "FALSE", comma: ", " };
const LEGACY_WORDS: Words = { null: "null", true: "true", false: "false", comma: "," };

/**
 * The text of `CAST(value AS STRING)`, prepared; bytes are read as UTF-8. The value must not be NULL. `legacy`: as with
 * `table.exec.legacy-cast-behaviour`.
 */
export function castTextOf(type: DataType, zone: string, legacy: boolean): TextOf {
  return clientText(type, zone, utf8Text, legacy ? LEGACY_WORDS : WORDS);
}

/** The text of the `print` connector: `true`, `2024-01-02T03:04`, `[0, -1]`, `+I[7, null]`. NULL is `null`. */
export function printText(value: Value, type: DataType): string {
  return printTextOf(type)(value);
}

/** `printText` prepared for many values of one type. */
export function printTextOf(type: DataType): TextOf {
  return nullable("null", printForm(type));
}

function nullable(word: string, text: TextOf): TextOf {
  return (value) => (value === null ? word : text(value));
}

function clientText(type: DataType, zone: string, bytesText: TextOf, words: Words): TextOf {
  const inner = (element: DataType): TextOf => nullable(words.null, clientText(element, zone, bytesText, words));
  switch (type.kind) {
    case "BOOLEAN":
      return (value) => (value === true ? words.true : words.false);
    case "BINARY":
    case "VARBINARY":
      return bytesText;
    case "TIME":
      return (value) => formatTime(value as number, 0);
    case "TIMESTAMP":
      return (value) => formatTimestamp(value as number | bigint, type.precision);
    case "TIMESTAMP_LTZ":
      return (value) => formatTimestamp(timestampFromInstant(zone, value as number | bigint), type.precision);
    case "DECIMAL":
      return (value) => decimalText(value as bigint, type.scale);
    case "INTERVAL_YEAR_MONTH":
      return (value) => intervalMonthsText(value as number);
    case "INTERVAL_DAY_TIME":
      return (value) => intervalMillisText(value as number);
    case "ROW":
      return rowText(
        type.fields.map((field) => inner(field.type)),
        "(",
        ")",
        words.comma,
      );
    default:
      return commonText(type, inner);
  }
}

function printForm(type: DataType): TextOf {
  switch (type.kind) {
    case "BOOLEAN":
      return (value) => (value === true ? "true" : "false");
    case "BINARY":
    case "VARBINARY":
      return (value) => `[${Array.from(new Int8Array(value as Uint8Array)).join(", ")}]`;
    case "TIME":
      return (value) => isoTime(value as number, 0);
    case "TIMESTAMP":
      return (value) => isoTimestamp(value as number | bigint, false);
    case "TIMESTAMP_LTZ":
      return (value) => `${isoTimestamp(value as number | bigint, true)}Z`;
    case "DECIMAL":
      return (value) => bigDecimalText(value as bigint, type.scale);
    case "INTERVAL_YEAR_MONTH":
      return (value) => periodText(value as number);
    case "INTERVAL_DAY_TIME":
      return (value) => durationText(value as number);
    case "ROW":
      return rowText(
        type.fields.map((field) => printTextOf(field.type)),
        "+I[",
        "]",
        ", ",
      );
    default:
      return commonText(type, printTextOf);
  }
}

/** Types whose text is the same for both. */
function commonText(type: DataType, inner: (type: DataType) => TextOf): TextOf {
  switch (type.kind) {
    case "CHAR":
    case "VARCHAR":
      return (value) => value as string;
    case "FLOAT":
      return (value) => floatText(value as number);
    case "DOUBLE":
      return (value) => doubleText(value as number);
    case "DATE":
      return (value) => formatDate(value as number);
    case "ARRAY": {
      const element = inner(type.element);
      return (value) => `[${(value as readonly Value[]).map(element).join(", ")}]`;
    }
    case "MAP":
      return mapText(inner(type.key), inner(type.value));
    case "MULTISET":
      return mapText(inner(type.element), String);
    default:
      return String;
  }
}

function rowText(fields: readonly TextOf[], open: string, close: string, comma: string): TextOf {
  return (value) =>
    `${open}${fields.map((text, i) => text((value as readonly Value[])[i] ?? null)).join(comma)}${close}`;
}

function mapText(key: TextOf, item: TextOf): TextOf {
  return (value) => `{${(value as SqlMap).map(([k, v]) => `${key(k)}=${item(v)}`).join(", ")}}`;
}

function hexText(value: Value): string {
  return `x'${Buffer.from(value as Uint8Array).toString("hex")}'`;
}

function utf8Text(value: Value): string {
  return Buffer.from(value as Uint8Array).toString("utf8");
}

/** Java's LocalDateTime text cuts zero seconds (Instant's does not) and shows 0, 3, 6 or 9 digits of the second. */
function isoTimestamp(value: number | bigint, withSeconds: boolean): string {
  const { days, millis, nanos } = splitTimestamp(value);
  const text = `${formatDate(days)}T${isoTime(millis, nanos)}`;
  return withSeconds && text.length === "2024-01-02T03:04".length ? `${text}:00` : text;
}

function isoTime(millis: number, nanosOfMilli: number): string {
  const fraction = (millis % 1000) * 1_000_000 + nanosOfMilli;
  const text = formatTime(millis, 0);
  if (fraction === 0) return text.endsWith(":00") ? text.slice(0, -3) : text;
  const digits = String(fraction).padStart(9, "0");
  if (fraction % 1_000_000 === 0) return `${text}.${digits.slice(0, 3)}`;
  return `${text}.${fraction % 1000 === 0 ? digits.slice(0, 6) : digits}`;
}
