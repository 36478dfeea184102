import { decodeUtf8 } from "../../batch/utf8.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import {
  asciiText,
  dropBlanks,
  parseDecimal,
  parseDouble,
  parseInteger,
  parseLong,
  skipBlanks,
} from "../text/numbers.ts";
import { parseBase64 } from "../text/base64.ts";
import { parseSqlDate, parseTimeNanos, parseTimestamp, type TimestampStyle } from "../text/temporal.ts";
import type { CsvDialect } from "./options.ts";

/** A field that cannot be converted to its type. */
export const BAD = Symbol("bad field");
export type Bad = typeof BAD;

/** How CSV writes timestamps. */
export const TIMESTAMP: TimestampStyle = { separator: 32, optionalSeconds: false, zone: false };
/** How CSV writes timestamps with local time zone. */
export const TIMESTAMP_LTZ: TimestampStyle = { separator: 32, optionalSeconds: false, zone: true };

/** Converts fields of CSV records to Values, by Flink's coercions. */
export class CsvValues {
  private readonly dialect: CsvDialect;
  /** Elements of ARRAY and ROW that became NULL because they do not fit. */
  skippedFields = 0;

  constructor(dialect: CsvDialect) {
    this.dialect = dialect;
  }

  /** True when the field is the null literal. */
  isNull(data: Uint8Array, start: number, end: number): boolean {
    const literal = this.dialect.nullLiteral;
    if (literal === undefined || end - start !== literal.length) return false;
    for (let i = 0; i < literal.length; i++) if (data[start + i] !== literal[i]) return false;
    return true;
  }

  /** The field `data[start .. end)` (its quotes and escapes resolved) as a value of the type. */
  convert(type: DataType, data: Uint8Array, start: number, end: number): Value | Bad {
    if (type.kind === "ARRAY") return this.array(type.element, data, start, end);
    if (type.kind === "ROW") return this.row(type, data, start, end);
    if (this.isNull(data, start, end)) return null;
    return this.simple(type, data, start, end);
  }

  private simple(type: DataType, data: Uint8Array, start: number, end: number): Value | Bad {
    switch (type.kind) {
      case "BOOLEAN": {
        const text = asciiText(data, skipBlanks(data, start, end), dropBlanks(data, start, end));
        return text.toLowerCase() === "true";
      }
      case "TINYINT":
        return parseInteger(data, start, end, -128, 127) ?? BAD;
      case "SMALLINT":
        return parseInteger(data, start, end, -32768, 32767) ?? BAD;
      case "INT":
        return parseInteger(data, start, end, -2147483648, 2147483647) ?? BAD;
      case "BIGINT":
        return parseLong(data, start, end) ?? BAD;
      case "FLOAT": {
        const value = parseDouble(data, start, end);
        return value === undefined ? BAD : Math.fround(value);
      }
      case "DOUBLE":
        return parseDouble(data, start, end) ?? BAD;
      case "DECIMAL": {
        const value = parseDecimal(data, start, end, type.precision, type.scale);
        return value === undefined ? BAD : value;
      }
      case "CHAR":
      case "VARCHAR":
        return decodeUtf8(data, start, end - start);
      case "BINARY":
      case "VARBINARY":
        return parseBase64(data, start, end) ?? BAD;
      case "DATE": {
        const days = parseSqlDate(data, start, end);
        return Number.isNaN(days) ? BAD : days;
      }
      case "TIME":
        return time(data, start, end, type.precision);
      case "TIMESTAMP":
      case "TIMESTAMP_LTZ": {
        const style = type.kind === "TIMESTAMP" ? TIMESTAMP : TIMESTAMP_LTZ;
        return (
          parseTimestamp(data, skipBlanks(data, start, end), dropBlanks(data, start, end), style, type.precision) ?? BAD
        );
      }
      default:
        return null;
    }
  }

  private array(element: DataType, data: Uint8Array, start: number, end: number): Value | Bad {
    const values: Value[] = [];
    for (const [from, to] of this.pieces(data, start, end)) {
      const value = this.element(element, data, from, to);
      if (value === BAD) return BAD;
      values.push(value);
    }
    return values;
  }

  private row(type: Extract<DataType, { kind: "ROW" }>, data: Uint8Array, start: number, end: number): Value | Bad {
    const pieces = this.pieces(data, start, end);
    if (pieces.length === 0) return null;
    if (pieces.length !== type.fields.length && !this.dialect.ignoreParseErrors) return BAD;
    const values: Value[] = [];
    for (const [i, field] of type.fields.entries()) {
      const piece = pieces[i];
      const value = piece === undefined ? null : this.element(field.type, data, piece[0], piece[1]);
      if (value === BAD) return BAD;
      values.push(value);
    }
    return values;
  }

  private element(type: DataType, data: Uint8Array, start: number, end: number): Value | Bad {
    const value = this.convert(type, data, start, end);
    if (value !== BAD || !this.dialect.ignoreParseErrors) return value;
    this.skippedFields++;
    return null;
  }

  /** The elements of an array field; a blank field has none. */
  private pieces(data: Uint8Array, start: number, end: number): (readonly [number, number])[] {
    const delimiter = this.dialect.arrayDelimiter;
    const pieces: (readonly [number, number])[] = [];
    let from = start;
    for (let p = start; p + delimiter.length <= end; p++) {
      if (!matches(data, p, delimiter)) continue;
      pieces.push([from, p]);
      from = p + delimiter.length;
      p = from - 1;
    }
    if (pieces.length === 0 && dropBlanks(data, start, end) === start) return pieces;
    pieces.push([from, end]);
    return pieces;
  }
}

function matches(data: Uint8Array, start: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (data[start + i] !== text[i]) return false;
  return true;
}

/** Milliseconds of the day, cut to the digits that the type has (seconds for TIME(0)). */
function time(data: Uint8Array, start: number, end: number, precision: number): number | Bad {
  const nanos = parseTimeNanos(data, start, end, true);
  if (Number.isNaN(nanos)) return BAD;
  const unit = precision >= 3 ? 1 : 10 ** (3 - precision);
  return Math.floor(nanos / 1e6 / unit) * unit;
}
