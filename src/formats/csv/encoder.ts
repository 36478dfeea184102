import { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import type { EncodeRequest, Encoder, RowWriter } from "../api.ts";
import { columnWriter, FALSE_TEXT, TRUE_TEXT, type FieldWriter } from "../text/column-writer.ts";
import {
  TemporalWriter,
  writeDouble,
  writeFloat,
  writeInteger,
  writeDecimal,
  writeDecimalLong,
} from "../text/write.ts";
import { checkCsvColumn, readCsvOptions, type CsvDialect } from "./options.ts";

/** Texts longer than this are always quoted (Jackson does not look closer). */
const MAX_CHECKED_CHARACTERS = 24;

const EMPTY = new Uint8Array(0);

/** Encodes rows as CSV lines, quoted like Jackson's CSV writer does. */
export class CsvEncoder implements Encoder {
  private readonly dialect: CsvDialect;
  private readonly types: readonly DataType[];
  private readonly nullText: Uint8Array;
  /** Characters below this one need quotes. */
  private readonly firstSafe: number;
  private readonly temporal = new TemporalWriter();
  /** A text before it is known whether it needs quotes. */
  private readonly scratch = new ByteWriter(64);

  /** As Flink writes messages unless told otherwise; files have decimals without the zeros at their end. */
  private readonly plainDecimals: boolean;

  constructor(request: EncodeRequest) {
    this.dialect = readCsvOptions(request.options);
    const isUnsaid = request.options["write-bigdecimal-in-scientific-notation"] === undefined;
    this.plainDecimals = this.dialect.plainDecimals || (request.messages === true && isUnsaid);
    const { delimiter, quote, escape, nullLiteral } = this.dialect;
    for (const special of [delimiter, quote, escape]) {
      if (special !== undefined && special.length > 1) {
        throw new SqlError("UNSUPPORTED", "CSV is written with ASCII characters as delimiter, quote and escape only");
      }
    }
    for (const field of request.fields) checkCsvColumn(field);
    this.types = request.fields.map((field) => field.type);
    this.nullText = nullLiteral ?? EMPTY;
    this.firstSafe = Math.max(delimiter[0]!, quote?.[0] ?? 0, 10) + 1;
  }

  rowWriter({ columns }: RecordBatch, out: ByteWriter): RowWriter {
    const { nullText } = this;
    const delimiter = this.dialect.delimiter[0]!;
    const fields: FieldWriter = {
      text: (writer, data, start, length) => this.text(writer, data, start, length),
      value: (writer, type, value) => this.field(writer, type, value),
      decimal: (writer, words, row, scale) => writeDecimalLong(writer, words, row, scale, this.plainDecimals),
    };
    const write = columns.map((column, i) => columnWriter(column, this.types[i]!, out, fields));
    return (row) => {
      for (let c = 0; c < columns.length; c++) {
        if (c > 0) out.byte(delimiter);
        const { nulls } = columns[c]!;
        if (nulls !== undefined && nulls[row] === 1) out.copy(nullText, 0, nullText.length);
        else write[c]!(row);
      }
      return true;
    };
  }

  /** Writes a field: numbers and booleans as they are, everything else with quotes where it needs them. */
  private field(out: ByteWriter, type: DataType, value: Value): void {
    if (isPlain(type)) return this.content(out, type, value);
    const { scratch } = this;
    scratch.clear();
    if (type.kind === "ARRAY") this.elements(scratch, value as readonly Value[], () => type.element);
    else if (type.kind === "ROW") this.elements(scratch, value as readonly Value[], (i) => type.fields[i]!.type);
    else this.content(scratch, type, value);
    this.text(out, scratch.bytes, 0, scratch.length);
  }

  private elements(out: ByteWriter, values: readonly Value[], typeOf: (index: number) => DataType): void {
    const { arrayDelimiter } = this.dialect;
    for (let i = 0; i < values.length; i++) {
      if (i > 0) out.copy(arrayDelimiter, 0, arrayDelimiter.length);
      const value = values[i]!;
      if (value === null) out.copy(this.nullText, 0, this.nullText.length);
      else this.content(out, typeOf(i), value);
    }
  }

  private content(out: ByteWriter, type: DataType, value: Value): void {
    switch (type.kind) {
      case "BOOLEAN":
        return value === true ? out.copy(TRUE_TEXT, 0, 4) : out.copy(FALSE_TEXT, 0, 5);
      case "TINYINT":
      case "SMALLINT":
      case "INT":
        return writeInteger(out, value as number);
      case "BIGINT":
        return out.text((value as bigint).toString());
      case "FLOAT":
        return writeFloat(out, value as number);
      case "DOUBLE":
        return writeDouble(out, value as number);
      case "DECIMAL":
        return writeDecimal(out, value as bigint, type.scale, this.plainDecimals);
      case "CHAR":
      case "VARCHAR":
        return out.text(value as string);
      case "BINARY":
      case "VARBINARY":
        return out.text(Buffer.from(value as Uint8Array).toString("base64"));
      case "DATE":
        return this.temporal.date(out, value as number);
      case "TIME":
        return this.temporal.time(out, value as number, 0);
      case "TIMESTAMP":
        return this.temporal.timestamp(out, value as number | bigint, 32);
      case "TIMESTAMP_LTZ":
        this.temporal.timestamp(out, value as number | bigint, 32);
        return out.byte(90);
      default:
        throw new SqlError("BUG", `CSV cannot write ${type.kind}`);
    }
  }

  private text(out: ByteWriter, data: Uint8Array, start: number, length: number): void {
    const quote = this.dialect.quote?.[0];
    if (quote === undefined || !this.needsQuotes(data, start, length)) return out.copy(data, start, length);
    const escape = this.dialect.escape?.[0] ?? quote;
    out.ensure(length * 2 + 2);
    const target = out.bytes;
    let to = out.length;
    target[to++] = quote;
    for (let p = start, end = start + length; p < end; p++) {
      const c = data[p]!;
      if (c === quote || c === escape) target[to++] = c;
      target[to++] = c;
    }
    target[to++] = quote;
    out.length = to;
  }

  private needsQuotes(data: Uint8Array, start: number, length: number): boolean {
    const escape = this.dialect.escape?.[0] ?? -1;
    let characters = 0;
    for (let p = start, end = start + length; p < end; p++) {
      const c = data[p]!;
      if (c < this.firstSafe || c === escape) return true;
      // UTF-16 units: one for a byte that begins a character, two for one of four bytes.
      if ((c & 0xc0) !== 0x80) characters += c >= 0xf0 ? 2 : 1;
      if (characters > MAX_CHECKED_CHARACTERS) return true;
    }
    return false;
  }
}

/** Numbers and booleans never get quotes. */
function isPlain(type: DataType): boolean {
  switch (type.kind) {
    case "BOOLEAN":
    case "TINYINT":
    case "SMALLINT":
    case "INT":
    case "BIGINT":
    case "FLOAT":
    case "DOUBLE":
    case "DECIMAL":
      return true;
    default:
      return false;
  }
}
