import { assertNever } from "../../base/assert.ts";
import { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { encodeUtf8 } from "../../batch/utf8.ts";
import type { DataType, SqlMap, Value } from "../../types/data-type.ts";
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
import { checkType } from "./decoder.ts";
import { readJsonOptions, type JsonOptions } from "./options.ts";
import { writeJsonString } from "./string.ts";

const NULL_TEXT = encodeUtf8("null");

/** Encodes rows as JSON objects, members in the order of the columns. */
export class JsonEncoder implements Encoder {
  private readonly values: JsonWriter;
  private readonly types: readonly DataType[];
  private readonly keys: readonly Uint8Array[];
  private readonly ignoreNulls: boolean;
  private readonly plainDecimals: boolean;

  constructor(request: EncodeRequest, options = readJsonOptions(request.options)) {
    for (const { type } of request.fields) checkType(type);
    this.values = new JsonWriter(options);
    this.types = request.fields.map((field) => field.type);
    this.keys = request.fields.map((field) => jsonKey(field.name));
    this.ignoreNulls = options.ignoreNullFields;
    this.plainDecimals = options.plainDecimals;
  }

  rowWriter({ columns }: RecordBatch, out: ByteWriter): RowWriter {
    const { types, keys, values, ignoreNulls, plainDecimals } = this;
    const fields: FieldWriter = {
      text: (writer, data, start, length) => writeJsonString(writer, data, start, length, true),
      value: (writer, type, value) => values.write(writer, type, value),
      decimal: (writer, words, row, scale) => writeDecimalLong(writer, words, row, scale, plainDecimals),
    };
    const write = columns.map((column, i) => columnWriter(column, types[i]!, out, fields));
    return (row) => {
      let separator = 123;
      for (let c = 0; c < columns.length; c++) {
        const { nulls } = columns[c]!;
        const isNull = nulls !== undefined && nulls[row] === 1;
        if (isNull && ignoreNulls) continue;
        const key = keys[c]!;
        out.ensure(key.length + 8);
        out.bytes[out.length++] = separator;
        separator = 44;
        out.copy(key, 0, key.length);
        if (isNull) out.copy(NULL_TEXT, 0, 4);
        else write[c]!(row);
      }
      out.ensure(2);
      if (separator === 123) out.bytes[out.length++] = 123;
      out.bytes[out.length++] = 125;
      return true;
    };
  }
}

/** `"name":` */
export function jsonKey(name: string): Uint8Array {
  const out = new ByteWriter(name.length * 4 + 4);
  const bytes = encodeUtf8(name);
  writeJsonString(out, bytes, 0, bytes.length, true);
  out.byte(58);
  return out.bytes.slice(0, out.length);
}

/** Writes single values as JSON. */
export class JsonWriter {
  private readonly options: JsonOptions;
  private readonly temporal = new TemporalWriter();
  private readonly separator: number;

  constructor(options: JsonOptions) {
    this.options = options;
    this.separator = options.iso ? 84 : 32;
  }

  /** Writes a value of the type. */
  write(out: ByteWriter, type: DataType, value: Value): void {
    if (value === null) return out.copy(NULL_TEXT, 0, 4);
    switch (type.kind) {
      case "NULL":
        return out.copy(NULL_TEXT, 0, 4);
      case "BOOLEAN":
        return value === true ? out.copy(TRUE_TEXT, 0, 4) : out.copy(FALSE_TEXT, 0, 5);
      case "TINYINT":
      case "SMALLINT":
      case "INT":
      case "INTERVAL_YEAR_MONTH":
      case "INTERVAL_DAY_TIME":
        return writeInteger(out, value as number);
      case "BIGINT":
        return out.text((value as bigint).toString());
      case "FLOAT":
      case "DOUBLE":
        return this.floating(out, type.kind === "FLOAT", value as number);
      case "DECIMAL":
        return writeDecimal(out, value as bigint, type.scale, this.options.plainDecimals);
      case "CHAR":
      case "VARCHAR":
        return this.string(out, value as string);
      case "BINARY":
      case "VARBINARY":
        return this.quoted(out, () => out.text(Buffer.from(value as Uint8Array).toString("base64")));
      case "DATE":
        return this.quoted(out, () => this.temporal.date(out, value as number));
      case "TIME":
        // Flink writes whole seconds.
        return this.quoted(out, () => this.temporal.time(out, Math.floor((value as number) / 1000) * 1000, 0));
      case "TIMESTAMP":
      case "TIMESTAMP_LTZ":
        out.byte(34);
        this.temporal.timestamp(out, value as number | bigint, this.separator);
        if (type.kind === "TIMESTAMP_LTZ") out.byte(90);
        return out.byte(34);
      case "ARRAY":
        return this.array(out, type.element, value as readonly Value[]);
      case "MAP":
        return this.map(out, type.value, value as unknown as SqlMap);
      case "MULTISET":
        return this.map(out, { kind: "INT", nullable: false }, value as unknown as SqlMap);
      case "ROW":
        return this.row(out, type, value as readonly Value[]);
      case "VARIANT":
        return out.text(value as string);
      default:
        return assertNever(type);
    }
  }

  private quoted(out: ByteWriter, write: () => void): void {
    out.byte(34);
    write();
    out.byte(34);
  }

  private floating(out: ByteWriter, single: boolean, value: number): void {
    // JSON has no NaN and no infinity; they are written as texts.
    const finite = Number.isFinite(value);
    if (!finite) out.byte(34);
    if (single) writeFloat(out, value);
    else writeDouble(out, value);
    if (!finite) out.byte(34);
  }

  private string(out: ByteWriter, text: string): void {
    const bytes = encodeUtf8(text);
    writeJsonString(out, bytes, 0, bytes.length, true);
  }

  private array(out: ByteWriter, element: DataType, values: readonly Value[]): void {
    out.byte(91);
    for (let i = 0; i < values.length; i++) {
      if (i > 0) out.byte(44);
      this.write(out, element, values[i]!);
    }
    out.byte(93);
  }

  private map(out: ByteWriter, type: DataType, map: SqlMap): void {
    const entries = new Map<string, Value>();
    for (const [key, value] of map) {
      const name = key === null ? this.nullKey() : (key as string);
      if (name !== undefined) entries.set(name, value);
    }
    out.byte(123);
    let first = true;
    for (const [name, value] of entries) {
      if (!first) out.byte(44);
      first = false;
      this.string(out, name);
      out.byte(58);
      this.write(out, type, value);
    }
    out.byte(125);
  }

  private nullKey(): string | undefined {
    switch (this.options.mapNullKey) {
      case "DROP":
        return undefined;
      case "LITERAL":
        return this.options.mapNullKeyLiteral;
      case "FAIL":
        throw new SqlError("INVALID_ARGUMENT", "JSON cannot hold a map with a NULL key", {
          hint: "set 'json.map-null-key.mode' to 'DROP' or 'LITERAL'",
        });
    }
  }

  private row(out: ByteWriter, type: Extract<DataType, { kind: "ROW" }>, values: readonly Value[]): void {
    out.byte(123);
    let first = true;
    for (const [i, field] of type.fields.entries()) {
      const value = values[i] ?? null;
      if (value === null && this.options.ignoreNullFields) continue;
      if (!first) out.byte(44);
      first = false;
      this.string(out, field.name);
      out.byte(58);
      this.write(out, field.type, value);
    }
    out.byte(125);
  }
}
