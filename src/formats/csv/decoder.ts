import { isUtf8 } from "node:buffer";
import { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { Decoded, DecodeRequest, Decoder, MessageRows, Messages } from "../api.ts";
import { joinAsLines } from "../messages.ts";
import { BatchColumns } from "../columns.ts";
import { BadRecordPolicy, RecordProblem } from "../record-problem.ts";
import { compileCsv, type CsvScan } from "./compile.ts";
import { checkCsvColumn, readCsvOptions } from "./options.ts";
import { CsvRecords, type CsvColumn } from "./record.ts";
import { INCOMPLETE } from "./split.ts";

/** Input that is checked as UTF-8 in one go. */
const WINDOW_BYTES = 1 << 16;

/** Decodes CSV records; quoted fields may hold line ends. */
export class CsvDecoder implements Decoder {
  private readonly records: CsvRecords;
  private readonly columns: BatchColumns;
  private readonly outputs: readonly number[];
  private readonly policy: BadRecordPolicy;
  private readonly scan: CsvScan | undefined;
  private readonly state = new Int32Array(1);
  private readonly joined = new ByteWriter(1024);
  private view: DataView = new DataView(new ArrayBuffer(0));

  constructor(request: DecodeRequest) {
    const dialect = readCsvOptions(request.options);
    for (const field of request.physical) checkCsvColumn(field);
    const positions = request.projection.map(({ path }) => positionOf(request, path));
    const distinct = [...new Set(positions)].toSorted((a, b) => a - b);
    this.outputs = positions.map((position) => distinct.indexOf(position));
    this.columns = new BatchColumns(distinct.map((position) => request.physical[position]!.type));
    const wanted: CsvColumn[] = distinct.map((position, i) => {
      return { position, name: request.physical[position]!.name, slot: this.columns.slots[i]! };
    });
    this.policy = new BadRecordPolicy("csv", dialect.ignoreParseErrors, request.onBadRecord);
    this.records = new CsvRecords(dialect, request.physical, wanted, this.columns);
    this.scan = compileCsv(dialect, request.physical.length, wanted, this.records, this.columns);
  }

  get skippedRecords(): number {
    return this.policy.skippedRecords;
  }

  get skippedFields(): number {
    return this.records.skippedFields + this.records.values.skippedFields;
  }

  decode(data: Uint8Array, start: number, end: number, maxRows: number, last: boolean): Decoded {
    const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.columns.allocate(maxRows);
    if (
      this.view.buffer !== data.buffer ||
      this.view.byteOffset !== data.byteOffset ||
      this.view.byteLength !== data.byteLength
    ) {
      this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    }
    // The scanner's loops stop at a line end, so that it only gets bytes with one behind them.
    const newline = end > start ? buffer.lastIndexOf(10, end - 1) : -1;
    const linesEnd = newline < start ? start : newline + 1;
    let p = start;
    // A byte order mark at the start of the input is no text.
    if (this.isFirst && data[p] === 0xef && data[p + 1] === 0xbb && data[p + 2] === 0xbf) p += 3;
    let rows = 0;
    let window = start;
    let valid = true;
    while (p < end && rows < maxRows) {
      if (p >= window) {
        window = windowEnd(buffer, Math.max(p, window), linesEnd, end);
        valid = isUtf8(data.subarray(p, window));
      }
      if (valid && this.scan !== undefined && p < window && window <= linesEnd) {
        rows = this.scan(data, this.view, p, window, rows, maxRows, this.state);
        p = this.state[0]!;
        if (rows === maxRows || p >= end) break;
      }
      const next = this.record(data, p, end, rows, last, valid);
      if (next === INCOMPLETE) {
        // The scanner may have begun the record.
        this.records.clearRow(rows);
        break;
      }
      if (this.stored) rows++;
      p = next;
    }
    if (last && p >= end) this.isFirst = true;
    else if (rows > 0) this.isFirst = false;
    return { batch: this.finish(rows, data), consumed: p - start };
  }

  decodeMessages(messages: Messages, from: number, to: number): readonly MessageRows[] {
    const messageOf = new Int32Array(to - from);
    const { bytes: data, length: joinedLength } = joinAsLines(this.joined, messages, from, to);
    const valid = isUtf8(data.subarray(0, joinedLength));
    if (this.view.buffer !== data.buffer) this.view = new DataView(data.buffer);
    this.columns.allocate(to - from);
    let rows = 0;
    let start = 0;
    for (let i = from; i < to; i++) {
      const length = messages.lengths[i]!;
      if (length < 0) continue;
      const end = start + length;
      if (length === 0) this.policy.reject(data, start, start, "the message is empty", i);
      else if (this.message(data, start, end, rows, valid, i)) messageOf[rows++] = i;
      start = end + 1;
    }
    if (rows === 0) return [];
    return [{ batch: this.finish(rows, data), messageOf }];
  }

  /** Reads the first record of the message; the others do not count. */
  private message(data: Uint8Array, start: number, end: number, row: number, valid: boolean, index: number): boolean {
    if (valid && this.scan !== undefined && this.scan(data, this.view, start, end + 1, row, row + 1, this.state) > row)
      return true;
    this.record(data, start, end, row, true, valid, index);
    return this.stored;
  }

  private finish(rows: number, data: Uint8Array): RecordBatch {
    this.records.resolve(data);
    const batch = this.columns.finish(rows, data);
    return { ...batch, columns: this.outputs.map((i) => batch.columns[i]!) };
  }

  /** The input has made no row yet. */
  private isFirst = true;
  /** The last call of `record` has made a row. */
  private stored = false;

  /** Reads one record in the general way; answers where the next one starts, or INCOMPLETE. */
  private record(
    data: Uint8Array,
    start: number,
    end: number,
    row: number,
    last: boolean,
    valid: boolean,
    offset = start,
  ): number {
    const { records } = this;
    const { splitter } = records;
    this.stored = false;
    const begin = splitter.beginning(data, start, end);
    if (splitter.isNoRecord(data, begin, end)) return splitter.skipLine(data, begin, end, last);
    try {
      if (!splitter.split(data, begin, end, last)) return INCOMPLETE;
      records.store(data, row, valid);
      this.stored = true;
    } catch (error) {
      records.clearRow(row);
      if (!(error instanceof RecordProblem)) throw error;
      this.policy.reject(data, start, splitter.end, error.reason, offset);
    }
    return splitter.next;
  }
}

function positionOf(request: DecodeRequest, path: readonly string[]): number {
  const position = request.physical.findIndex((field) => field.name === path[0]);
  if (position >= 0 && path.length === 1) return position;
  throw new SqlError("BUG", `CSV cannot read the path ${path.join(".")}`);
}

/** The end of a piece of whole lines that is checked as UTF-8 at once. */
function windowEnd(buffer: Buffer, start: number, linesEnd: number, end: number): number {
  if (start >= linesEnd) return end;
  const newline = buffer.indexOf(10, Math.min(start + WINDOW_BYTES, linesEnd - 1));
  return newline < 0 || newline >= linesEnd ? linesEnd : newline + 1;
}
