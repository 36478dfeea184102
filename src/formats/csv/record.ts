import { isUtf8 } from "node:buffer";
import { ByteWriter } from "../../base/byte-writer.ts";
import { decodeUtf8 } from "../../batch/utf8.ts";
import { isText, type Field } from "../../types/data-type.ts";
import type { BatchColumns, ColumnSlot } from "../columns.ts";
import { RecordProblem } from "../record-problem.ts";
import { skipBlanks } from "../text/numbers.ts";
import { CsvSplitter, resolveField } from "./split.ts";
import { BAD, CsvValues } from "./values.ts";
import type { CsvDialect } from "./options.ts";

/** A column that is read: its position in the line and where it goes. */
export interface CsvColumn {
  readonly position: number;
  readonly name: string;
  readonly slot: ColumnSlot;
}

/** Puts split records into columns: the way that works for every record. */
export class CsvRecords {
  readonly splitter: CsvSplitter;
  readonly values: CsvValues;
  private readonly dialect: CsvDialect;
  private readonly physical: readonly Field[];
  private readonly wanted: readonly CsvColumn[];
  private readonly columns: BatchColumns;
  /** Texts whose quotes and escapes are still to be resolved: slot, row, kind. */
  private readonly pendingSlots: ColumnSlot[] = [];
  private readonly pendingRows: number[] = [];
  private readonly pendingKinds: number[] = [];
  private readonly scratch = new ByteWriter(64);
  skippedFields = 0;

  constructor(dialect: CsvDialect, physical: readonly Field[], wanted: readonly CsvColumn[], columns: BatchColumns) {
    this.dialect = dialect;
    this.physical = physical;
    this.wanted = wanted;
    this.columns = columns;
    this.splitter = new CsvSplitter(dialect);
    this.values = new CsvValues(dialect);
  }

  /** Stores the record that the splitter has just split; throws RecordProblem, after which the row needs `clearRow`. */
  store(data: Uint8Array, row: number, validUtf8: boolean): void {
    const { splitter, dialect } = this;
    this.clearRow(row);
    this.checkCount(data);
    for (const column of this.wanted) {
      const { slot, position } = column;
      if (position >= splitter.count) slot.setNull(row);
      else if (!this.field(data, column, row, validUtf8)) {
        if (!dialect.ignoreParseErrors) throw new RecordProblem(this.complaint(data, column));
        this.skippedFields++;
        slot.setNull(row);
      }
    }
  }

  private checkCount(data: Uint8Array): void {
    const { splitter, dialect } = this;
    const expected = this.physical.length;
    let { count } = splitter;
    // One blank field more is a trailing delimiter.
    if (count === expected + 1) {
      const last = splitter.ends[expected]!;
      if (skipBlanks(data, splitter.starts[expected]!, last) === last) count--;
    }
    if (count > expected) throw new RecordProblem(`too many fields: expected at most ${expected}, found ${count}`);
    if (count < expected && !dialect.ignoreParseErrors) {
      throw new RecordProblem(`row length mismatch: ${expected} fields expected but was ${count}`);
    }
  }

  /** False: the field does not fit. */
  private field(data: Uint8Array, column: CsvColumn, row: number, validUtf8: boolean): boolean {
    const { splitter, values } = this;
    const { slot, position } = column;
    const start = splitter.starts[position]!;
    const end = splitter.ends[position]!;
    const kind = splitter.escaped[position]!;
    if (isText(slot.type) && (kind === 0 || this.dialect.nullLiteral === undefined)) {
      if (values.isNull(data, start, end)) slot.setNull(row);
      else if (!validUtf8 && !isUtf8(data.subarray(start, end)))
        this.columns.set(slot, row, decodeUtf8(data, start, end - start));
      else {
        slot.setText(row, start, end - start);
        if (kind > 0) this.defer(slot, row, kind);
      }
      return true;
    }
    const value =
      kind === 0 ? values.convert(slot.type, data, start, end) : this.convertEscaped(column, data, start, end, kind);
    if (value === BAD) return false;
    this.columns.set(slot, row, value);
    return true;
  }

  private convertEscaped(
    column: CsvColumn,
    data: Uint8Array,
    start: number,
    end: number,
    kind: number,
  ): ReturnType<CsvValues["convert"]> {
    const { scratch } = this;
    scratch.clear();
    scratch.copy(data, start, end - start);
    const length = resolveField(scratch.bytes, 0, end - start, kind, this.dialect);
    return this.values.convert(column.slot.type, scratch.bytes, 0, length);
  }

  private complaint(data: Uint8Array, { name, position, slot }: CsvColumn): string {
    const start = this.splitter.starts[position]!;
    const text = decodeUtf8(data, start, Math.min(100, this.splitter.ends[position]! - start));
    return `column '${name}': '${text}' is no ${slot.type.kind}`;
  }

  /** The row's text is to be resolved in place when the batch is complete. */
  defer(slot: ColumnSlot, row: number, kind: number): void {
    this.pendingSlots.push(slot);
    this.pendingRows.push(row);
    this.pendingKinds.push(kind);
  }

  /** Forgets everything about a row that was begun and given up. */
  clearRow(row: number): void {
    const { pendingRows } = this;
    let count = pendingRows.length;
    while (count > 0 && pendingRows[count - 1] === row) count--;
    this.truncate(count);
    this.columns.clearRow(row);
  }

  private truncate(count: number): void {
    this.pendingSlots.length = count;
    this.pendingRows.length = count;
    this.pendingKinds.length = count;
  }

  /** Resolves the pending texts in place. */
  resolve(data: Uint8Array): void {
    for (let i = 0; i < this.pendingRows.length; i++) {
      const slot = this.pendingSlots[i]!;
      const row = this.pendingRows[i]!;
      slot.lengths[row] = resolveField(
        data,
        slot.starts[row]!,
        slot.lengths[row]!,
        this.pendingKinds[i]!,
        this.dialect,
      );
    }
    this.truncate(0);
  }
}
