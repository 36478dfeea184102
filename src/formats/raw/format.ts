import { SqlError } from "../../base/errors.ts";
import type { ByteWriter } from "../../base/byte-writer.ts";
import { valueAt } from "../../batch/get.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { isBinary, isText, type DataType, type Field } from "../../types/data-type.ts";
import type {
  Decoded,
  DecodeRequest,
  Decoder,
  MessageRows,
  Messages,
  RowWriter,
  EncodeRequest,
  Encoder,
  Format,
  FormatOption,
} from "../api.ts";
import { BatchColumns } from "../columns.ts";
import { joinMessages } from "../messages.ts";
import { readOptions } from "../options.ts";
import { BadRecordPolicy } from "../record-problem.ts";
import { charsetOf, type Charset } from "./charset.ts";

const OPTIONS: readonly FormatOption[] = [
  { name: "charset", summary: "The charset of texts.", type: "string", default: "UTF-8" },
  {
    name: "endianness",
    summary: "The byte order of numbers.",
    type: ["big-endian", "little-endian"],
    default: "big-endian",
  },
];

/** Bytes of the types that have a fixed size. */
const FIXED_SIZES: Partial<Record<DataType["kind"], number>> = {
  BOOLEAN: 1,
  TINYINT: 1,
  SMALLINT: 2,
  INT: 4,
  BIGINT: 8,
  FLOAT: 4,
  DOUBLE: 8,
};

interface RawOptions {
  readonly type: DataType;
  readonly charset: Charset | undefined;
  readonly littleEndian: boolean;
}

/** One column, whose bytes are the record: a line of a file. */
export const rawFormat: Format = {
  name: "raw",
  options: OPTIONS,
  changelog: "insert-only",
  decoder: (request) => new RawDecoder(request),
  encoder: (request) => new RawEncoder(request),
};

function readRawOptions(fields: readonly Field[], given: Readonly<Record<string, string>>): RawOptions {
  const options = readOptions("raw", OPTIONS, given);
  const field = fields[0];
  if (field === undefined || fields.length > 1) {
    const names = fields.map((one) => one.name).join(", ");
    throw new SqlError(
      "OPTION_INVALID",
      `the 'raw' format only supports single physical column, but the table has: ${names}`,
    );
  }
  const { type } = field;
  if (!isText(type) && !isBinary(type) && FIXED_SIZES[type.kind] === undefined) {
    throw new SqlError(
      "UNSUPPORTED",
      `the 'raw' format doesn't support the type ${type.kind} of column '${field.name}'`,
    );
  }
  return {
    type,
    charset: isText(type) ? charsetOf(options.string("charset") ?? "UTF-8") : undefined,
    littleEndian: options.string("endianness") === "little-endian",
  };
}

class RawDecoder implements Decoder {
  readonly skippedRecords = 0;
  readonly skippedFields = 0;
  private readonly options: RawOptions;
  private readonly columns: BatchColumns;
  private readonly outputs: number;
  private readonly policy: BadRecordPolicy;

  constructor(request: DecodeRequest) {
    this.options = readRawOptions(request.physical, request.options);
    this.columns = new BatchColumns([this.options.type]);
    this.outputs = request.projection.length;
    this.policy = new BadRecordPolicy("raw", undefined, request.onBadRecord);
  }

  decode(data: Uint8Array, start: number, end: number, maxRows: number, last: boolean): Decoded {
    const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.columns.allocate(maxRows);
    let p = start;
    let rows = 0;
    while (p < end && rows < maxRows) {
      let newline = buffer.indexOf(10, p);
      if (newline < 0 || newline >= end) {
        if (!last) break;
        newline = end;
      }
      const stop = newline > p && data[newline - 1] === 13 ? newline - 1 : newline;
      if (this.value(data, p, stop, rows)) rows++;
      p = Math.min(newline + 1, end);
    }
    return { batch: this.finish(rows, data), consumed: p - start };
  }

  decodeMessages(messages: Messages, from: number, to: number): readonly MessageRows[] {
    const { lengths } = messages;
    const messageOf = new Int32Array(to - from);
    const { data, starts } = joinMessages(messages, from, to);
    this.columns.allocate(to - from);
    let rows = 0;
    for (let i = 0; i < to - from; i++) {
      const length = lengths[from + i]!;
      if (length < 0) this.columns.slots[0]!.setNull(rows);
      else if (!this.value(data, starts[i]!, starts[i]! + length, rows, from + i)) continue;
      messageOf[rows++] = from + i;
    }
    return rows === 0 ? [] : [{ batch: this.finish(rows, data), messageOf }];
  }

  private finish(rows: number, data: Uint8Array): RecordBatch {
    const { columns, ...batch } = this.columns.finish(rows, data);
    return { ...batch, columns: Array.from({ length: this.outputs }, () => columns[0]!) };
  }

  private value(data: Uint8Array, start: number, end: number, row: number, offset = start): boolean {
    const { type, charset, littleEndian } = this.options;
    const slot = this.columns.slots[0]!;
    const size = FIXED_SIZES[type.kind];
    if (size === undefined) {
      if (charset === undefined) slot.setText(row, start, end - start);
      else this.columns.set(slot, row, charset.decode(data.subarray(start, end)));
      return true;
    }
    if (end - start !== size) {
      this.policy.reject(
        data,
        start,
        end,
        `a value of type ${type.kind} has ${size} bytes, but the record has ${end - start}`,
        offset,
      );
      return false;
    }
    const view = new DataView(data.buffer, data.byteOffset + start, size);
    this.columns.set(slot, row, readFixed(type, view, littleEndian));
    return true;
  }
}

function readFixed(type: DataType, view: DataView, littleEndian: boolean): number | bigint | boolean {
  switch (type.kind) {
    case "BOOLEAN":
      return view.getUint8(0) !== 0;
    case "TINYINT":
      return view.getInt8(0);
    case "SMALLINT":
      return view.getInt16(0, littleEndian);
    case "INT":
      return view.getInt32(0, littleEndian);
    case "BIGINT":
      return view.getBigInt64(0, littleEndian);
    case "FLOAT":
      return view.getFloat32(0, littleEndian);
    default:
      return view.getFloat64(0, littleEndian);
  }
}

class RawEncoder implements Encoder {
  private readonly options: RawOptions;

  constructor(request: EncodeRequest) {
    this.options = readRawOptions(request.fields, request.options);
  }

  rowWriter(batch: RecordBatch, out: ByteWriter): RowWriter {
    const column = batch.columns[0]!;
    const { type, charset, littleEndian } = this.options;
    return (row) => {
      if (column.nulls?.[row] === 1) return false;
      if (column.storage === "bytes" && charset === undefined) {
        out.copy(column.data, column.starts[row]!, column.lengths[row]!);
      } else if (column.storage === "bytes") {
        const bytes = charset!.encode(valueAt(column, row, type) as string);
        out.copy(bytes, 0, bytes.length);
      } else writeFixed(out, type, valueAt(column, row, type) as number | bigint | boolean, littleEndian);
      return true;
    };
  }
}

function writeFixed(out: ByteWriter, type: DataType, value: number | bigint | boolean, littleEndian: boolean): void {
  const size = FIXED_SIZES[type.kind]!;
  out.ensure(size);
  const view = new DataView(out.bytes.buffer, out.bytes.byteOffset + out.length, size);
  out.length += size;
  if (type.kind === "BOOLEAN") return view.setUint8(0, value === true ? 1 : 0);
  if (typeof value === "bigint") return view.setBigInt64(0, value, littleEndian);
  const number = Number(value);
  switch (type.kind) {
    case "TINYINT":
      return view.setInt8(0, number);
    case "SMALLINT":
      return view.setInt16(0, number, littleEndian);
    case "INT":
      return view.setInt32(0, number, littleEndian);
    case "FLOAT":
      return view.setFloat32(0, number, littleEndian);
    default:
      return view.setFloat64(0, number, littleEndian);
  }
}
