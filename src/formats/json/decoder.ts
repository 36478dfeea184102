import { isUtf8 } from "node:buffer";
import { SqlError } from "../../base/errors.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { decodeUtf8 } from "../../batch/utf8.ts";
import type { DataType } from "../../types/data-type.ts";
import type { Decoded, DecodeRequest, Decoder, MessageRows, Messages } from "../api.ts";
import type { ColumnSlot } from "../columns.ts";
import { BadRecordPolicy, RecordProblem } from "../record-problem.ts";
import { MessageLines } from "./message-lines.ts";
import { Speculation } from "./speculation.ts";
import { readJsonOptions, type JsonOptions } from "./options.ts";
import type { PlannedField } from "../planned-fields.ts";
import { planProjection, type JsonPlan, type LineStarts } from "./plan.ts";
import { RecordReader } from "./record.ts";
import { TextMarks } from "./text-marks.ts";

/** Input that is checked as UTF-8 in one go, at least. */
const WINDOW_BYTES = 1 << 16;

/** Rows that stand for a batch. */
const SAMPLED_ROWS = 32;

/** What a format that carries its rows in JSON envelopes has different from plain JSON. */
export interface EnvelopeSettings {
  /** Name of the format, for messages. */
  readonly format: string;
  readonly options: JsonOptions;
  /** Told of the rows of each batch while their bytes are as they came. */
  readonly review: (rows: ReviewedRows) => void;
}

/** The rows of a batch before it is made. */
export interface ReviewedRows {
  readonly rowCount: number;
  readonly data: Uint8Array;
  /** For each row its message (`decodeMessages`). */
  readonly messageOf: Int32Array | undefined;
  /** Texts have JSON's escapes in them, and these are the `TextMarks` of their lines. */
  readonly marks: Int32Array | undefined;
  /** The columns of the projection. */
  readonly slots: readonly ColumnSlot[];
  /** Deals with the record of a row that means nothing; what becomes of the row is up to the caller. */
  reject(row: number, reason: string): void;
}

/** Decodes JSON lines (one object a line; a line may also be an array of objects, which makes several rows). */
export class JsonDecoder implements Decoder {
  private readonly plan: JsonPlan;
  private readonly reader: RecordReader;
  private readonly policy: BadRecordPolicy;
  private readonly speculation: Speculation;
  private readonly nullIsNoRow: boolean;
  private readonly envelope: EnvelopeSettings | undefined;
  private readonly lineStarts: LineStarts = { of: new Int32Array(0) };
  private readonly messageLines = new MessageLines();
  private readonly marks = new TextMarks();
  /** Bytes a row took in the last batch. */
  private bytesPerRow = 256;

  constructor(
    request: Omit<DecodeRequest, "projection"> & { readonly projection: readonly PlannedField[] },
    envelope?: EnvelopeSettings,
  ) {
    const options = envelope?.options ?? readJsonOptions(request.options);
    this.envelope = envelope;
    this.nullIsNoRow = options.nullIsNoRow;
    for (const { type } of request.projection) checkType(type);
    this.plan = planProjection(request.projection);
    this.policy = new BadRecordPolicy(envelope?.format ?? "json", options.ignoreParseErrors, request.onBadRecord);
    const exactFloats = request.physical.some((field) => holdsDecimal(field.type));
    this.reader = new RecordReader(this.plan, { ...options, exactFloats });
    const lines = envelope === undefined ? undefined : this.lineStarts;
    this.speculation = new Speculation(this.plan, this.reader, options.failOnMissingField, options.iso, lines);
  }

  get skippedRecords(): number {
    return this.policy.skippedRecords;
  }

  get skippedFields(): number {
    return this.reader.skippedFields;
  }

  decode(data: Uint8Array, start: number, end: number, maxRows: number, last: boolean): Decoded {
    const buffer = Buffer.from(data.buffer, data.byteOffset);
    const stop = last ? end : lastLineEnd(buffer, start, end);
    const lines = { lines: 0, lineOf: undefined, starts: undefined };
    const run: Run = { buffer, data, position: start, stop, rows: 0, maxRows, ...lines };
    return { batch: this.run(run), consumed: run.position - start };
  }

  decodeMessages(messages: Messages, from: number, to: number): readonly MessageRows[] {
    this.messageLines.gather(messages, from, to);
    const { bytes: data, length: stop, starts } = this.messageLines;
    const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const results: MessageRows[] = [];
    let position = 0;
    let lines = from;
    while (lines < to) {
      const lineOf = new Int32Array(to - lines);
      // Each batch stays until the next call.
      if (results.length > 0) this.plan.columns.detach();
      const run: Run = { buffer, data, position, stop, rows: 0, maxRows: lineOf.length, lines, lineOf, starts };
      const batch = this.run(run);
      if (batch.rowCount > 0) results.push({ batch, messageOf: run.lineOf! });
      ({ position, lines } = run);
    }
    return results;
  }

  /** Decodes up to a full batch, or an array record. */
  private run(run: Run): RecordBatch {
    const start = run.position;
    this.plan.columns.allocate(run.maxRows);
    if (this.envelope !== undefined && this.lineStarts.of.length < run.maxRows)
      this.lineStarts.of = new Int32Array(run.maxRows);
    this.speculation.begin();
    while (run.rows < run.maxRows && run.position < run.stop) {
      if (!this.window(run)) {
        if (run.rows > 0) break;
        this.arrayRecord(run);
      }
    }
    if (run.rows > 0) this.bytesPerRow = (run.position - start) / run.rows;
    this.envelope?.review(this.reviewed(run));
    this.reader.resolveEscapes(run.data, this.marks.bits);
    const batch = this.plan.columns.finish(run.rows, run.data);
    this.expectNulls(run.rows);
    return { ...batch, columns: this.plan.outputs.map((slot) => batch.columns[slot]!) };
  }

  private reviewed(run: Run): ReviewedRows {
    const { data, buffer, rows, lineOf } = run;
    const { slots } = this.plan.columns;
    return {
      rowCount: rows,
      data,
      marks: this.marks.bits,
      messageOf: lineOf,
      slots: this.plan.outputs.map((slot) => slots[slot]!),
      reject: (row, reason) => {
        const from = this.lineStarts.of[row]!;
        const newline = buffer.indexOf(10, from);
        const stop = newline < 0 || newline > run.stop ? run.stop : newline;
        const to = data[stop - 1] === 13 ? stop - 1 : stop;
        this.policy.reject(data, from, to, reason, lineOf?.[row] ?? from);
      },
    };
  }

  /** Members that are mostly NULL (records of other kinds) are NULL in the next batch unless something is written. */
  private expectNulls(rows: number): void {
    if (rows < SAMPLED_ROWS) return;
    for (const { object, slots } of this.plan.root.members) {
      const [first] = slots;
      if (object === undefined || first === undefined) continue;
      let count = 0;
      for (let i = 0; i < SAMPLED_ROWS; i++) count += first.nulls[Math.floor((i * rows) / SAMPLED_ROWS)]!;
      for (const slot of slots) slot.unwritten = 2 * count > SAMPLED_ROWS ? 1 : 0;
    }
  }

  /** Decodes lines of one window of valid UTF-8 (or not, then line by line). False: an array record is next. */
  private window(run: Run): boolean {
    const { buffer, data, stop } = run;
    const begin = run.position;
    const wanted = begin + Math.max(WINDOW_BYTES, Math.ceil((run.maxRows - run.rows) * this.bytesPerRow * 1.05));
    let end = stop;
    if (wanted < stop) {
      const newline = buffer.indexOf(10, wanted);
      if (newline >= 0 && newline < stop) end = newline + 1;
    }
    const valid = isUtf8(data.subarray(begin, end));
    this.marks.mark(data, begin, end);
    const linesEnd = data[end - 1] === 10 ? end : lastLineEnd(buffer, begin, end);
    while (run.position < end && run.rows < run.maxRows) {
      if (valid && run.position < linesEnd) this.scan(run, linesEnd);
      if (run.position >= end || run.rows >= run.maxRows) break;
      if (!this.line(run, end, valid)) return false;
    }
    return true;
  }

  private scan(run: Run, end: number): void {
    const before = run.rows;
    this.speculation.scan(run, end, this.marks.bits);
    // The scanner makes one row of each line.
    if (run.lineOf !== undefined) for (let row = before; row < run.rows; row++) run.lineOf[row] = run.lines++;
    else run.lines += run.rows - before;
  }

  /** Decodes the line at `position` in the general way. False: it is an array. */
  private line(run: Run, end: number, valid: boolean): boolean {
    const { data, buffer } = run;
    const from = run.position;
    let newline = buffer.indexOf(10, from);
    if (newline < 0 || newline > end) newline = end;
    const to = newline > from && data[newline - 1] === 13 ? newline - 1 : newline;
    if (to === from) {
      // An empty line is no record.
    } else if (!valid && !isUtf8(data.subarray(from, to))) {
      this.reject(run, from, to, "invalid UTF-8");
    } else if (firstByte(data, from, to) === 91 && this.envelope === undefined) {
      return false;
    } else if (this.record(run, from, to) && valid) {
      this.speculation.missed(buffer, from, to, end);
    }
    run.lines++;
    run.position = run.starts?.[run.lines] ?? Math.min(newline + 1, end);
    return true;
  }

  /** True when the record made a row. */
  private record(run: Run, from: number, to: number): boolean {
    try {
      this.reader.record(run.data, from, to, run.rows);
      if (run.lineOf !== undefined) run.lineOf[run.rows] = run.lines;
      if (this.envelope !== undefined) this.lineStarts.of[run.rows] = from;
      run.rows++;
      return true;
    } catch (error) {
      this.reader.clearRow(run.rows);
      if (!(error instanceof RecordProblem)) throw error;
      if (!this.nullIsNoRow || !isNull(run.data, from, to)) this.reject(run, from, to, error.reason);
      return false;
    }
  }

  private reject(run: Run, from: number, to: number, reason: string): void {
    this.policy.reject(run.data, from, to, reason, run.lineOf === undefined ? from : run.lines);
  }

  /** Decodes the array line at `position` into a batch of its own, which may have more rows than asked for. */
  private arrayRecord(run: Run): void {
    const { data, buffer, stop } = run;
    const from = run.position;
    let newline = buffer.indexOf(10, from);
    if (newline < 0 || newline > stop) newline = stop;
    run.position = run.starts?.[run.lines + 1] ?? Math.min(newline + 1, stop);
    run.maxRows = 0;
    let ranges: number[] | undefined;
    try {
      ranges = this.reader.elements(data, from, newline);
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error;
      this.reject(run, from, newline, error.reason);
    }
    if (ranges !== undefined) {
      const count = ranges.length / 2;
      this.plan.columns.grow(count);
      if (run.lineOf !== undefined && run.lineOf.length < count) run.lineOf = new Int32Array(count);
      for (let i = 0; i < ranges.length; i += 2) this.record(run, ranges[i]!, ranges[i + 1]!);
    }
    run.lines++;
  }
}

/** State of one call of `decode`. */
export interface Run {
  /** `data` with what is behind it in memory. */
  readonly buffer: Buffer;
  readonly data: Uint8Array;
  position: number;
  readonly stop: number;
  rows: number;
  maxRows: number;
  /** Lines so far. */
  lines: number;
  /** For each row its line, when wanted. */
  lineOf: Int32Array | undefined;
  /** Where each line starts, for lines that do not follow each other closely. */
  readonly starts: Int32Array | undefined;
}

function lastLineEnd(buffer: Buffer, start: number, end: number): number {
  if (end <= start) return start;
  const newline = buffer.lastIndexOf(10, end - 1);
  return newline < start ? start : newline + 1;
}

function firstByte(data: Uint8Array, start: number, end: number): number {
  let p = start;
  while (p < end && (data[p] === 32 || data[p] === 9)) p++;
  return p < end ? data[p]! : 0;
}

/** The text is null, or blank. */
function isNull(data: Uint8Array, start: number, end: number): boolean {
  return end - start < 1000 && /^\s*(null\s*)?$/.test(decodeUtf8(data, start, end - start));
}

/** Throws UNSUPPORTED for types that JSON cannot hold. */
export function checkType(type: DataType): void {
  switch (type.kind) {
    case "MAP":
      checkKey(type.key, "MAP");
      return checkType(type.value);
    case "MULTISET":
      return checkKey(type.element, "MULTISET");
    case "ARRAY":
      return checkType(type.element);
    case "ROW":
      for (const field of type.fields) checkType(field.type);
      return;
    case "VARIANT":
      throw new SqlError("UNSUPPORTED", "JSON format doesn't support type VARIANT", {
        hint: "read the column as STRING and use PARSE_JSON",
      });
    default:
  }
}

function checkKey(key: DataType, what: string): void {
  if (key.kind === "CHAR" || key.kind === "VARCHAR") return;
  throw new SqlError("UNSUPPORTED", `JSON format doesn't support non-string as key type of ${what.toLowerCase()}`);
}

function holdsDecimal(type: DataType): boolean {
  switch (type.kind) {
    case "DECIMAL":
      return true;
    case "ARRAY":
    case "MULTISET":
      return holdsDecimal(type.element);
    case "MAP":
      return holdsDecimal(type.key) || holdsDecimal(type.value);
    case "ROW":
      return type.fields.some((field) => holdsDecimal(field.type));
    default:
      return false;
  }
}
