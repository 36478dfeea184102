import type { Column } from "../../batch/column.ts";
import { RowKind, type RowKind as Kind } from "../../batch/row-kind.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { takeColumn } from "../../batch/take.ts";
import { decodeUtf8 } from "../../batch/utf8.ts";
import { T } from "../../types/data-type.ts";
import type { Decoded, DecodeRequest, Decoder, MessageRows, Messages, ProjectedField } from "../api.ts";
import type { ColumnSlot } from "../columns.ts";
import type { ReviewedRows } from "../json/decoder.ts";
import type { PlannedField } from "../planned-fields.ts";
import { unescape } from "../json/string.ts";
import { ChangeList } from "./changes.ts";
import { metadataReader, type EnvelopeMetadata, type MetadataReader } from "./metadata.ts";

/** What the rows of a format's records are, for one projection. */
export interface Envelope {
  /** Name of the format. */
  readonly format: string;
  /** What is read of a record. */
  readonly projection: readonly PlannedField[];
  /** Fields set to NULL that the JSON decoder does not know of. */
  readonly skippedFields?: number | undefined;
  /** Says which changes the records stand for, and rejects those that stand for none. */
  review(rows: ReviewedRows, changes: ChangeList): void;
  /** The physical columns of the projection, one row for each change. `columns`: those of `projection`. */
  images(columns: readonly Column[], changes: ChangeList): readonly Column[];
}

/** A format's envelope, its metadata, and where both start in a record. */
export interface EnvelopeKind {
  readonly metadata: readonly EnvelopeMetadata[];
  readonly root: readonly string[];
  envelope(physical: readonly ProjectedField[], request: DecodeRequest): Envelope;
}

/** Makes the decoder that reads the members of envelopes into columns and tells `review` of each batch. */
export type MemberDecoder = (
  projection: readonly PlannedField[],
  review: (rows: ReviewedRows) => void,
) => Decoder & Required<Pick<Decoder, "decodeMessages">>;

/**
 * Decodes records that say what happened to a row: another decoder reads their members into columns, several rows of a
 * record come out as changes, and of its old and new images each change takes one.
 */
export class EnvelopeDecoder implements Decoder {
  private readonly members: ReturnType<MemberDecoder>;
  private readonly envelope: Envelope;
  private readonly metadata: readonly (MetadataReader & { readonly first: number; readonly output: number })[];
  private readonly physicalOutputs: readonly number[];
  private readonly changes = new ChangeList();

  constructor(request: DecodeRequest, kind: EnvelopeKind, members: MemberDecoder) {
    const physical = request.projection.filter((field) => field.metadata === undefined);
    this.physicalOutputs = outputsOf(request.projection, (field) => field.metadata === undefined);
    this.envelope = kind.envelope(physical, request);
    const asked = outputsOf(request.projection, (field) => field.metadata !== undefined).map((output) => ({
      output,
      field: request.projection[output]!,
      metadata: kind.metadata.find(({ key }) => key === request.projection[output]!.metadata)!,
    }));
    const wholes = new Set(asked.flatMap(({ metadata: { path } }) => (path.length === 1 ? [path[0]] : [])));
    const projection: PlannedField[] = [...this.envelope.projection];
    this.metadata = asked.map(({ output, field, metadata }) => {
      const whole = wholes.has(metadata.path[0]);
      const reader = metadataReader(metadata, field.type, kind.root, request.timeZone, whole);
      const first = projection.length;
      projection.push(...reader.projection);
      return { ...reader, first, output };
    });
    this.members = members(projection, (rows) => this.review(rows));
  }

  get skippedRecords(): number {
    return this.members.skippedRecords;
  }

  get skippedFields(): number {
    return this.members.skippedFields + (this.envelope.skippedFields ?? 0);
  }

  decode(data: Uint8Array, start: number, end: number, maxRows: number, last: boolean): Decoded {
    const { batch, consumed } = this.members.decode(data, start, end, maxRows, last);
    return { batch: this.output(batch), consumed };
  }

  decodeMessages(messages: Messages, from: number, to: number): readonly MessageRows[] {
    // One batch at most: only an array of records makes more.
    return this.members.decodeMessages(messages, from, to).flatMap(({ batch, messageOf }) => {
      const output = this.output(batch);
      if (output.rowCount === 0) return [];
      const { records } = this.changes;
      return [
        { batch: output, messageOf: Int32Array.from({ length: output.rowCount }, (_, i) => messageOf[records[i]!]!) },
      ];
    });
  }

  prepareMessages(messages: Messages, from: number, to: number): Promise<void> | undefined {
    return this.members.prepareMessages?.(messages, from, to);
  }

  private review(rows: ReviewedRows): void {
    this.changes.clear();
    this.envelope.review(rows, this.changes);
  }

  private output({ rowCount, columns }: RecordBatch): RecordBatch {
    const { changes } = this;
    const { count } = changes;
    const plain = changes.isPlain(rowCount);
    const output: Column[] = [];
    this.envelope.images(columns, changes).forEach((column, i) => (output[this.physicalOutputs[i]!] = column));
    for (const reader of this.metadata) {
      const column = reader.column(columns.slice(reader.first, reader.first + reader.projection.length), rowCount);
      output[reader.output] = plain ? column : takeColumn(column, changes.records, count);
    }
    const kinds = changes.kinds.slice(0, count);
    return {
      rowCount: count,
      columns: output,
      kinds: kinds.some((kind) => kind !== 0) ? kinds : undefined,
      steps: undefined,
    };
  }
}

function outputsOf(fields: readonly ProjectedField[], which: (field: ProjectedField) => boolean): number[] {
  return fields.flatMap((field, i) => (which(field) ? [i] : []));
}

/** The field that says what a record is. */
export function textField(...path: string[]): PlannedField {
  return { path, type: T.string() };
}

/** The text of a slot in a row before escapes are resolved; undefined: NULL. */
export function textAt(slot: ColumnSlot, row: number, data: Uint8Array, escapes = true): string | undefined {
  if (slot.nulls[row] === 1) return undefined;
  const start = slot.starts[row]!;
  const length = slot.lengths[row]!;
  // A value that is no text stands in the side buffer; no record is told by one.
  if (start < 0) return "";
  if (!escapes || !data.subarray(start, start + length).includes(92)) return decodeUtf8(data, start, length);
  const bytes = new Uint8Array(length);
  return decodeUtf8(bytes, 0, unescape(data, start, length, bytes, 0));
}

/** Adds the two rows of an update. */
export function addUpdate(changes: ChangeList, record: number, row: number): void {
  changes.add(RowKind.UpdateBefore, record, row, 1);
  changes.add(RowKind.UpdateAfter, record, row, 0);
}

/** The kinds by the words of a format; `undefined`: a word that it does not know. */
export function kindOf(word: string, words: Readonly<Record<string, Kind | "update">>): Kind | "update" | undefined {
  return Object.hasOwn(words, word) ? words[word] : undefined;
}
