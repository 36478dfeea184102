import { assertNever } from "../../base/assert.ts";
import { ByteWriter } from "../../base/byte-writer.ts";
import { decodeUtf8 } from "../../batch/utf8.ts";
import { isText, type DataType, type Value } from "../../types/data-type.ts";
import { MILLIS_PER_DAY } from "../../types/datetime.ts";
import { parseDecimal as parseDecimalText } from "../../types/decimal.ts";
import { doubleText } from "../../types/double-text.ts";
import { inReadOrder } from "../../types/hash-order.ts";
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
import { parseDayNanos, parseIsoDate, parseTimestamp, type TimestampStyle } from "../text/temporal.ts";
import { strippedText } from "../text/write.ts";
import { unescape, writeJsonString } from "./string.ts";
import { JsonTokens, Token } from "./tokens.ts";

/** A value that cannot be converted to its type; the record goes on behind it. */
export const BAD = Symbol("bad value");
export type Bad = typeof BAD;

export interface JsonValueOptions {
  readonly ignoreParseErrors: boolean;
  readonly failOnMissingField: boolean;
  readonly iso: boolean;
  /** Decimals are read somewhere, so that floats in nested text are exact (as in Flink). */
  readonly exactFloats: boolean;
}

/** Reads JSON values as Values of a type, by Flink's coercions. */
export class JsonValues extends JsonTokens {
  readonly options: JsonValueOptions;
  private readonly timestamp: TimestampStyle;
  private readonly timestampLtz: TimestampStyle;
  /** Fields that became NULL because their value does not fit (`ignore-parse-errors`). */
  skippedFields = 0;
  /** Why the last value was BAD. */
  reason = "";
  private readonly scratch = new ByteWriter(64);

  constructor(options: JsonValueOptions) {
    super();
    this.options = options;
    const separator = options.iso ? 84 : 32;
    this.timestamp = { separator, optionalSeconds: options.iso, zone: false };
    this.timestampLtz = { separator, optionalSeconds: options.iso, zone: true };
  }

  /** The next value; BAD (and behind the value) when it does not fit the type. */
  read(type: DataType): Value | Bad {
    const token = this.value();
    if (token === Token.Null) return null;
    if (token === Token.Object || token === Token.Array) return this.container(type, token);
    return this.scalar(type, token);
  }

  /** The next value inside another one: what does not fit is NULL when errors are ignored. */
  private readInner(type: DataType): Value | Bad {
    const value = this.read(type);
    if (value !== BAD || !this.options.ignoreParseErrors) return value;
    this.skippedFields++;
    return null;
  }

  /** The scalar that was just read, as a value of the type. */
  scalar(type: DataType, token: Token): Value | Bad {
    if (!this.escaped) return this.convert(type, token, this.data, this.start, this.stop);
    this.scratch.clear();
    this.scratch.ensure(this.stop - this.start);
    const length = unescape(this.data, this.start, this.stop - this.start, this.scratch.bytes, 0);
    return this.convert(type, token, this.scratch.bytes, 0, length);
  }

  private convert(type: DataType, token: Token, data: Uint8Array, start: number, end: number): Value | Bad {
    switch (type.kind) {
      case "NULL":
        return null;
      case "BOOLEAN":
        if (token === Token.True || token === Token.False) return token === Token.True;
        return isTrue(data, skipBlanks(data, start, end), dropBlanks(data, start, end));
      case "TINYINT":
        return this.integer(token === Token.Float ? Token.String : token, data, start, end, -128, 127);
      case "SMALLINT":
        return this.integer(token === Token.Float ? Token.String : token, data, start, end, -32768, 32767);
      case "INT":
      case "INTERVAL_YEAR_MONTH":
        return this.integer(token, data, start, end, -2147483648, 2147483647);
      case "BIGINT":
        return this.long(token, data, start, end);
      case "INTERVAL_DAY_TIME": {
        const value = this.long(token, data, start, end);
        return typeof value === "bigint" ? Number(value) : value;
      }
      case "FLOAT":
      case "DOUBLE": {
        const value = parseDouble(data, start, end);
        if (value === undefined) return this.bad("not a number");
        return type.kind === "FLOAT" ? Math.fround(value) : value;
      }
      case "DECIMAL": {
        const first = token === Token.String ? skipBlanks(data, start, end) : start;
        const last = token === Token.String ? dropBlanks(data, first, end) : end;
        const value = parseDecimal(data, first, last, type.precision, type.scale);
        return value === undefined ? this.bad("not a decimal number") : value;
      }
      case "CHAR":
      case "VARCHAR":
        return decodeUtf8(data, start, end - start);
      case "BINARY":
      case "VARBINARY":
        return token === Token.String ? this.base64(data, start, end) : this.bad("not a base64 text");
      case "DATE": {
        const days = parseIsoDate(data, start, end);
        return Number.isNaN(days) ? this.bad("not a date") : days;
      }
      case "TIME": {
        const nanos = parseDayNanos(data, start, end, false);
        return Number.isNaN(nanos) ? this.bad("not a time") : Math.floor(nanos / 1e6) % MILLIS_PER_DAY;
      }
      case "TIMESTAMP":
        return parseTimestamp(data, start, end, this.timestamp, type.precision) ?? this.bad("not a timestamp");
      case "TIMESTAMP_LTZ":
        return (
          parseTimestamp(data, start, end, this.timestampLtz, type.precision) ?? this.bad("not a timestamp with Z")
        );
      case "ARRAY":
        return this.bad("not an array");
      case "MAP":
      case "MULTISET":
      case "ROW":
      case "VARIANT":
        return this.bad("not an object");
      default:
        return assertNever(type);
    }
  }

  bad(reason: string): Bad {
    this.reason = reason;
    return BAD;
  }

  private integer(token: Token, data: Uint8Array, start: number, end: number, min: number, max: number): number | Bad {
    if (token === Token.Float) {
      const value = Math.trunc(parseDouble(data, start, end) ?? Number.NaN);
      return value >= min && value <= max ? value + 0 : this.bad("number out of range");
    }
    return parseInteger(data, start, end, min, max) ?? this.bad("not an integer in the range of its type");
  }

  private long(token: Token, data: Uint8Array, start: number, end: number): bigint | Bad {
    if (token === Token.Float) {
      const value = Math.trunc(parseDouble(data, start, end) ?? Number.NaN);
      return value >= -(2 ** 63) && value < 2 ** 63 ? BigInt(value) : this.bad("number out of range");
    }
    return parseLong(data, start, end) ?? this.bad("not an integer in the range of its type");
  }

  private base64(data: Uint8Array, start: number, end: number): Uint8Array | Bad {
    return parseBase64(data, start, end) ?? this.bad("not a base64 text");
  }

  private container(type: DataType, token: Token): Value | Bad {
    switch (type.kind) {
      case "CHAR":
      case "VARCHAR": {
        const out = new ByteWriter(256);
        this.compact(out);
        return decodeUtf8(out.bytes, 0, out.length);
      }
      case "ARRAY":
        if (token === Token.Array) return this.array(type.element);
        break;
      case "ROW":
        if (token === Token.Object) return this.row(type);
        break;
      case "MAP":
        if (token === Token.Object) return this.map(type.key, type.value);
        break;
      case "MULTISET":
        if (token === Token.Object) return this.map(type.element, { kind: "INT", nullable: true });
        break;
      default:
    }
    const reason = token === Token.Array ? "an array does not fit" : "an object does not fit";
    this.skip();
    return this.bad(reason);
  }

  private array(element: DataType): Value | Bad {
    const values: Value[] = [];
    if (!this.open(93)) return values;
    let failed = false;
    do {
      const value = this.readInner(element);
      if (value === BAD) failed = true;
      else values.push(value);
    } while (this.next(93));
    return failed ? BAD : values;
  }

  private map(key: DataType, valueType: DataType): Value | Bad {
    const entries: [Value, Value][] = [];
    if (!this.open(125)) return entries;
    const positions = new Map<Value, number>();
    let failed = false;
    do {
      this.name();
      const name = this.scalar(key, Token.String);
      const value = this.readInner(valueType);
      if (value === BAD || name === BAD) {
        failed = true;
        continue;
      }
      const known = positions.get(name);
      if (known === undefined) positions.set(name, entries.push([name, value]) - 1);
      else entries[known]![1] = value;
    } while (this.next(125));
    if (failed) return BAD;
    return isText(key) ? inReadOrder(entries) : entries;
  }

  private row(type: Extract<DataType, { kind: "ROW" }>): Value | Bad {
    const { fields } = type;
    const values: Value[] = Array.from({ length: fields.length }, () => null);
    const seen = new Set<number>();
    let failed = false;
    if (this.open(125)) {
      do {
        this.name();
        const name = this.text();
        const position = fields.findIndex((field) => field.name === name);
        if (position < 0) {
          this.skip();
          continue;
        }
        const value = this.readInner(fields[position]!.type);
        seen.add(position);
        if (value === BAD) failed = true;
        else values[position] = value;
      } while (this.next(125));
    }
    if (seen.size < fields.length && this.options.failOnMissingField) return this.bad("a field of the row is missing");
    return failed ? BAD : values;
  }

  /** The string that was just read. */
  text(): string {
    return this.scalar({ kind: "VARCHAR", length: 1, nullable: true }, Token.String) as string;
  }

  /** Writes the next value as compact JSON text, as a JSON tree prints itself: no white space, last of equal names wins. */
  compact(out: ByteWriter): void {
    const token = this.value();
    if (token === Token.String) return this.compactString(out);
    if (token === Token.Float) return out.text(this.floatText());
    if (token === Token.Array) {
      out.byte(91);
      if (this.open(93)) {
        let first = true;
        do {
          if (!first) out.byte(44);
          first = false;
          this.compact(out);
        } while (this.next(93));
      }
      return out.byte(93);
    }
    if (token === Token.Object) return this.compactObject(out);
    return out.copy(this.data, this.start, this.stop - this.start);
  }

  private compactString(out: ByteWriter): void {
    if (!this.escaped) return writeJsonString(out, this.data, this.start, this.stop - this.start, false);
    const bytes = new Uint8Array(this.stop - this.start);
    const length = unescape(this.data, this.start, bytes.length, bytes, 0);
    return writeJsonString(out, bytes, 0, length, false);
  }

  private compactObject(out: ByteWriter): void {
    const members = new Map<string, ByteWriter>();
    if (this.open(125)) {
      do {
        this.name();
        const name = this.text();
        const value = new ByteWriter(32);
        this.compact(value);
        members.set(name, value);
      } while (this.next(125));
    }
    out.byte(123);
    let first = true;
    for (const [name, value] of members) {
      if (!first) out.byte(44);
      first = false;
      const bytes = new ByteWriter(name.length * 3 + 1);
      bytes.text(name);
      writeJsonString(out, bytes.bytes, 0, bytes.length, false);
      out.byte(58);
      out.copy(value.bytes, 0, value.length);
    }
    out.byte(125);
  }

  private floatText(): string {
    const text = asciiText(this.data, this.start, this.stop);
    if (!this.options.exactFloats) return doubleText(Number(text));
    const decimal = parseDecimalText(text);
    return decimal === undefined ? text : strippedText(decimal.unscaled, decimal.scale);
  }
}

function isTrue(data: Uint8Array, start: number, end: number): boolean {
  return end - start === 4 && asciiText(data, start, end).toLowerCase() === "true";
}
