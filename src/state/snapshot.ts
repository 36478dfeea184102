import { crc32 } from "../checkpoint/checksum.ts";
import { HASH_VERSION } from "../batch/hash.ts";
import { createArrowWriter, loadArrow, type Arrow } from "./arrow-batches.ts";
import { Pace } from "./pace.ts";
import type { FrozenPages } from "./pages.ts";
import { OrderedColumn } from "./snapshot-columns.ts";
import {
  fileColumns,
  leadColumns,
  SNAPSHOT_FORMAT,
  type GroupRange,
  type PartManifest,
  type PartSchema,
  type SnapshotManifest,
} from "./snapshot-manifest.ts";
import { eachPage, orderChildren, orderTable, type SlotOrder } from "./snapshot-order.ts";

/** First and last eight bytes of a snapshot file. */
export const SNAPSHOT_MAGIC = new TextEncoder().encode("MILLSTA1");
/** After the manifest: its length and CRC-32, both u32 little-endian, then the magic. */
export const FOOTER_BYTES = 16;

/** Rows of a record batch at most. */
const BATCH_ROWS = 65_536;
/** Rows are brought into file order in rounds of whole key groups that take about this much memory. */
const ROUND_BYTES = 32 << 20;

/** One store of a part: the table, one slice of it, or what hangs under one of these. */
export interface FrozenUnit {
  readonly frozen: FrozenPages;
  readonly sliceEnd?: number | undefined;
  /** Unit of the parent part. */
  readonly parent?: FrozenUnit | undefined;
}

export interface FrozenPart {
  readonly schema: PartSchema;
  readonly units: readonly FrozenUnit[];
}

/** A snapshot file as it is written: the pieces in order, and at the end its manifest. */
export type SnapshotPieces = AsyncGenerator<Uint8Array, SnapshotManifest, void>;

/** The state of one operator at one moment. `freeze` made it without copying; writing it is background work. */
export class FrozenState {
  readonly #parts: readonly FrozenPart[];
  readonly #numbers: { readonly [name: string]: string };
  readonly #maxParallelism: number;

  constructor(parts: readonly FrozenPart[], numbers: { readonly [name: string]: string }, maxParallelism: number) {
    this.#parts = parts;
    this.#numbers = numbers;
    this.#maxParallelism = maxParallelism;
  }

  /** Nothing at all to restore: no rows, no numbers. */
  get isEmpty(): boolean {
    return (
      Object.keys(this.#numbers).length === 0 &&
      this.#parts.every((part) => part.units.every((unit) => unit.frozen.liveCount === 0))
    );
  }

  /**
   * The snapshot file, in small steps that yield to the event loop. Ends the freeze. Throws CHECKPOINT_FAILED when the
   * freeze ended before (by `release` or by the next freeze).
   */
  async *write(): SnapshotPieces {
    try {
      const arrow = await loadArrow();
      const pace = new Pace();
      let offset = SNAPSHOT_MAGIC.length;
      yield SNAPSHOT_MAGIC;
      const orders = new Map<FrozenUnit, SlotOrder>();
      const parts: PartManifest[] = [];
      for (const part of this.#parts) {
        const pieces = writePart(arrow, part, orders, { offset, maxParallelism: this.#maxParallelism, pace });
        for (let piece = await pieces.next(); ; piece = await pieces.next()) {
          if (piece.done === true) {
            parts.push(piece.value);
            break;
          }
          offset += piece.value.length;
          yield piece.value;
        }
      }
      const manifest = {
        format: SNAPSHOT_FORMAT,
        hashVersion: HASH_VERSION,
        maxParallelism: this.#maxParallelism,
        parts,
        numbers: this.#numbers,
      };
      const text = new TextEncoder().encode(JSON.stringify(manifest));
      const footer = new Uint8Array(FOOTER_BYTES);
      const view = new DataView(footer.buffer);
      view.setUint32(0, text.length, true);
      view.setUint32(4, crc32(text), true);
      footer.set(SNAPSHOT_MAGIC, 8);
      yield text;
      yield footer;
      return manifest;
    } finally {
      this.release();
    }
  }

  /** The whole file at once. */
  async toBytes(): Promise<{ readonly bytes: Uint8Array; readonly manifest: SnapshotManifest }> {
    const pieces: Uint8Array[] = [];
    const writing = this.write();
    for (;;) {
      const piece = await writing.next();
      if (piece.done === true) return { bytes: Buffer.concat(pieces), manifest: piece.value };
      pieces.push(piece.value);
    }
  }

  /** Gives the snapshot up: the state saves no more pages for it. */
  release(): void {
    for (const part of this.#parts) for (const unit of part.units) unit.frozen.release();
  }
}

interface PartPosition {
  readonly offset: number;
  readonly maxParallelism: number;
  readonly pace: Pace;
}

async function* writePart(
  arrow: Arrow,
  part: FrozenPart,
  orders: Map<FrozenUnit, SlotOrder>,
  { offset: partOffset, maxParallelism, pace }: PartPosition,
): AsyncGenerator<Uint8Array, PartManifest, void> {
  const { schema } = part;
  const counts = new Int32Array(maxParallelism);
  for (const unit of part.units) {
    const parentOrder = unit.parent === undefined ? undefined : orders.get(unit.parent);
    const order =
      parentOrder === undefined
        ? await orderTable(unit.frozen, schema.keys.length, counts, pace)
        : await orderChildren(unit.frozen, parentOrder, parentColumn(schema), counts, pace);
    orders.set(unit, order);
  }
  const groupStarts = new Int32Array(maxParallelism + 1);
  for (let group = 0; group < maxParallelism; group++) groupStarts[group + 1] = groupStarts[group]! + counts[group]!;
  const rows = groupStarts[maxParallelism]!;

  const columns = fileColumns(schema);
  const writer = createArrowWriter(arrow, columns);
  let offset = partOffset;
  const schemaMessage = writer.schema();
  const schemaLength = totalLength(schemaMessage);
  yield* schemaMessage;
  offset += schemaLength;

  const groups: GroupRange[] = [];
  const roundRows = Math.max(1, Math.floor(ROUND_BYTES / bytesPerRow(part)));
  for (let from = 0; from < maxParallelism;) {
    let to = from + 1;
    while (to < maxParallelism && groupStarts[to + 1]! - groupStarts[from]! <= roundRows) to += 1;
    if (groupStarts[to]! > groupStarts[from]!) {
      const ordered = await orderedColumns(part, orders, groupStarts, [from, to], pace);
      for (let group = from; group < to; group++) {
        const [start, end] = [groupStarts[group]! - groupStarts[from]!, groupStarts[group + 1]! - groupStarts[from]!];
        if (start === end) continue;
        let length = 0;
        let checksum = 0;
        let batches = 0;
        for (let at = start; at < end; at += BATCH_ROWS) {
          const until = Math.min(end, at + BATCH_ROWS);
          for (const piece of writer.batch(
            ordered.map((column) => column.range(at, until)),
            until - at,
          )) {
            length += piece.length;
            checksum = crc32(piece, checksum);
            yield piece;
          }
          batches += 1;
          await pace.step();
        }
        groups.push({ keyGroup: group, offset, length, rows: end - start, batches, crc32: checksum });
        offset += length;
      }
    }
    from = to;
  }
  yield* writer.end();
  return { ...schema, rows, schemaOffset: partOffset, schemaLength, groups };
}

/** All columns of the file, in order, for the rows of the key groups `from` … `to` − 1. */
async function orderedColumns(
  part: FrozenPart,
  orders: Map<FrozenUnit, SlotOrder>,
  groupStarts: Int32Array,
  range: readonly [from: number, to: number],
  pace: Pace,
): Promise<OrderedColumn[]> {
  const { schema } = part;
  const rows = groupStarts[range[1]]! - groupStarts[range[0]]!;
  const columns = fileColumns(schema).map((column) => new OrderedColumn(column.storage, rows));
  const lead = leadColumns(schema.kind).length;
  const numbers = new Int32Array(4096);
  for (const unit of part.units) {
    const order = orders.get(unit)!;
    const parentOrdinals = unit.parent === undefined ? undefined : orders.get(unit.parent)!.ordinals;
    await eachPage(order, groupStarts, range, pace, (page, pageRows, places, count) => {
      if (parentOrdinals !== undefined) {
        const parents = (page.identity[parentColumn(schema)] as { values: Int32Array }).values;
        for (let i = 0; i < count; i++) numbers[i] = parentOrdinals[parents[pageRows[i]!]!]!;
      } else {
        if (unit.sliceEnd !== undefined) columns[0]!.putConstant(unit.sliceEnd, places, count);
        for (let i = 0; i < count; i++) numbers[i] = page.from + pageRows[i]!;
      }
      columns[lead - 1]!.putNumbers(numbers, places, count);
      for (let i = 0; i < schema.keys.length; i++) columns[lead + i]!.put(page.identity[i]!, pageRows, places, count);
      const firstField = lead + schema.keys.length;
      // The last-write time is the last of the changing columns.
      page.changing.forEach((column, i) => columns[firstField + i]!.put(column, pageRows, places, count));
    });
  }
  return columns;
}

/** Where a child store has its parent column: after the keys and hash of a map, first in a list. */
function parentColumn(schema: PartSchema): number {
  return schema.kind === "map" ? schema.keys.length + 1 : 0;
}

function bytesPerRow(part: FrozenPart): number {
  const columns = fileColumns(part.schema);
  return columns.reduce(
    (sum, { storage }) => sum + 1 + (storage === "bytes" || storage === "any" ? 64 : storage === "i128" ? 16 : 8),
    0,
  );
}

function totalLength(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
