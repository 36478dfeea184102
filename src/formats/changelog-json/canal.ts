import type { Column } from "../../batch/column.ts";
import { RowKind } from "../../batch/row-kind.ts";
import { T, type DataType } from "../../types/data-type.ts";
import type { DecodeRequest, ProjectedField } from "../api.ts";
import type { BatchColumns } from "../columns.ts";
import type { ReviewedRows } from "../json/decoder.ts";
import type { JsonOptions } from "../json/options.ts";
import { planProjection } from "../json/plan.ts";
import type { PlannedField } from "../planned-fields.ts";
import { RecordReader } from "../json/record.ts";
import { RecordProblem } from "../record-problem.ts";
import type { ChangeList } from "./changes.ts";
import { kindOf, textAt, textField, type Envelope, type EnvelopeKind } from "./envelope.ts";
import { changedFields, oldImages } from "./old-fields.ts";

const WORDS = { INSERT: RowKind.Insert, UPDATE: "update", DELETE: RowKind.Delete } as const;

export interface CanalFilter {
  readonly database: RegExp | undefined;
  readonly table: RegExp | undefined;
}

/** `data` and `old` are arrays: a record may change several rows. Their elements are read into columns of their own. */
class Canal implements Envelope {
  readonly format = "canal-json";
  readonly projection: readonly PlannedField[] = [
    textField("type"),
    textField("database"),
    textField("table"),
    { path: ["data"], type: T.string(), take: "text" },
    { path: ["old"], type: T.string(), take: "text" },
  ];
  private readonly filter: CanalFilter;
  private readonly data: Elements;
  private readonly old: Elements;
  private input: Uint8Array = new Uint8Array(0);
  private rows = 0;

  constructor(physical: readonly ProjectedField[], filter: CanalFilter, options: JsonOptions) {
    this.filter = filter;
    this.data = new Elements(physical, options);
    this.old = new Elements(changedFields(physical, []), options);
  }

  get skippedFields(): number {
    return this.data.reader.skippedFields + this.old.reader.skippedFields;
  }

  review(rows: ReviewedRows, changes: ChangeList): void {
    this.input = rows.data;
    this.rows = 0;
    this.data.begin(rows.rowCount);
    this.old.begin(rows.rowCount);
    for (let row = 0; row < rows.rowCount; row++) {
      if (!this.isWanted(rows, row)) continue;
      const before = changes.count;
      const rowsBefore = this.rows;
      const problem = this.record(rows, row, changes);
      if (problem === undefined) continue;
      changes.count = before;
      this.data.forget(rowsBefore, this.rows);
      this.old.forget(rowsBefore, this.rows);
      this.rows = rowsBefore;
      rows.reject(row, problem);
    }
    this.data.resolve(rows);
    this.old.resolve(rows);
  }

  images(_columns: readonly Column[], changes: ChangeList): readonly Column[] {
    const data = this.data.columns(this.rows, this.input);
    return changes.isPlain(this.rows) ? data : oldImages(data, this.old.columns(this.rows, this.input), changes);
  }

  private isWanted(rows: ReviewedRows, row: number): boolean {
    const { database, table } = this.filter;
    const matches = (pattern: RegExp | undefined, slot: number): boolean =>
      pattern === undefined || pattern.test(textAt(rows.slots[slot]!, row, rows.data) ?? "null");
    return matches(database, 1) && matches(table, 2);
  }

  /** Adds the changes of a record; gives what is wrong with it. */
  private record(rows: ReviewedRows, row: number, changes: ChangeList): string | undefined {
    const [type, , , data, old] = rows.slots;
    const word = textAt(type!, row, rows.data);
    if (word === undefined) return `the "type" field is missing`;
    // A statement that makes a table has no rows.
    if (word === "CREATE") return undefined;
    const kind = kindOf(word, WORDS);
    if (kind === undefined) return `Unknown "type" value "${word}"`;
    try {
      const elements = this.data.ranges(data!, row, rows.data);
      if (elements === undefined) return `the "data" field is no array`;
      const former = kind === "update" ? this.old.ranges(old!, row, rows.data) : [];
      if (former === undefined) return `the "old" field of an UPDATE message is no array`;
      if (kind === "update" && former.length < elements.length) return `the "old" field has fewer rows than "data"`;
      for (let i = 0; i < elements.length; i += 2) {
        const at = this.rows++;
        this.data.read(rows.data, elements[i]!, elements[i + 1]!, at);
        if (kind === "update") {
          this.old.read(rows.data, former[i]!, former[i + 1]!, at);
          changes.add(RowKind.UpdateBefore, row, at, 1);
          changes.add(RowKind.UpdateAfter, row, at, 0);
        } else changes.add(kind, row, at, 0);
      }
      return undefined;
    } catch (error) {
      if (error instanceof RecordProblem) return error.reason;
      throw error;
    }
  }
}

/** Objects inside records, read into columns. */
class Elements {
  readonly reader: RecordReader;
  private readonly batch: BatchColumns;
  private readonly outputs: readonly number[];
  private capacity = 0;

  constructor(fields: readonly PlannedField[], options: JsonOptions) {
    const plan = planProjection(fields);
    this.batch = plan.columns;
    this.outputs = plan.outputs;
    this.reader = new RecordReader(plan, {
      ...options,
      exactFloats: fields.some(({ type }) => type.kind === "DECIMAL"),
    });
  }

  begin(capacity: number): void {
    this.capacity = Math.max(16, capacity);
    this.batch.allocate(this.capacity);
  }

  /** Where the elements of a slot's array stand. */
  ranges(slot: ReviewedRows["slots"][0], row: number, data: Uint8Array): number[] | undefined {
    if (slot.nulls[row] === 1) return undefined;
    const start = slot.starts[row]!;
    return this.reader.elements(data, start, start + slot.lengths[row]!);
  }

  read(data: Uint8Array, start: number, end: number, row: number): void {
    if (row >= this.capacity) {
      this.capacity *= 2;
      this.batch.grow(this.capacity);
    }
    this.reader.record(data, start, end, row);
  }

  forget(from: number, to: number): void {
    for (let row = to; row >= from; row--) if (row < this.capacity) this.reader.clearRow(row);
  }

  resolve({ data, marks }: ReviewedRows): void {
    if (marks !== undefined) this.reader.resolveEscapes(data, marks);
  }

  columns(rows: number, data: Uint8Array): readonly Column[] {
    const { columns } = this.batch.finish(rows, data);
    return this.outputs.map((slot) => columns[slot]!);
  }
}

const TYPES_BY_COLUMN: DataType = T.map(T.string(), T.int());

/** What can be read beside the row. */
const CANAL_METADATA: EnvelopeKind["metadata"] = [
  { key: "database", type: T.string(), path: ["database"], as: "value" },
  { key: "table", type: T.string(), path: ["table"], as: "value" },
  { key: "sql-type", type: TYPES_BY_COLUMN, path: ["sqlType"], as: "value" },
  { key: "pk-names", type: T.array(T.string()), path: ["pkNames"], as: "value" },
  { key: "ingestion-timestamp", type: T.timestampLtz(3), path: ["ts"], as: "millis" },
  { key: "event-timestamp", type: T.timestampLtz(3), path: ["es"], as: "millis" },
];

/** Alibaba's Canal. */
export function canal(filter: CanalFilter, options: JsonOptions): EnvelopeKind {
  return {
    metadata: CANAL_METADATA,
    root: [],
    envelope: (physical: readonly ProjectedField[], _request: DecodeRequest) => new Canal(physical, filter, options),
  };
}
