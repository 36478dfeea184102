import { crc32 } from "../checkpoint/checksum.ts";
import { HASH_VERSION } from "../batch/hash.ts";
import { createArrowWriter, loadArrow, type Arrow } from "./arrow-batches.ts";
import { Pace } from "./pace.ts";
import type { FrozenPages } from "./pages.ts";
import { OrderedColumn } from "./snapshot-columns.ts";
import { encodeSlots } from "./slot-list.ts";
import {
  fileColumns,
  leadColumns,
  slotColumn,
  SNAPSHOT_FORMAT,
  type GroupRange,
  type PartManifest,
  type PartSchema,
  type SnapshotManifest,
  type UnitManifest,
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

/** What a snapshot file is to others. */
export interface ChainPlace {
  readonly chain: string;
  /** 0: a base; n: the n-th increment, with what changed since `FrozenState.since` only. */
  readonly position: number;
}

const ALONE: ChainPlace = { chain: "", position: 0 };

/** A snapshot file as it is written: the pieces in order, and at the end its manifest. */
export type SnapshotPieces = AsyncGenerator<Uint8Array, SnapshotManifest, void>;

/** What is frozen, and which freeze it is. */
export interface FrozenContents {
  readonly parts: readonly FrozenPart[];
  readonly numbers: { readonly [name: string]: string };
  readonly maxParallelism: number;
  /** From 1, rising. */
  readonly freeze: number;
  /** The freeze that an increment would build on; 0: none. */
  readonly since: number;
}

/** The state of one operator at one moment. `freeze` made it without copying; writing it is background work. */
export class FrozenState {
  readonly freeze: number;
  readonly since: number;
  readonly #contents: FrozenContents;

  constructor(contents: FrozenContents) {
    this.freeze = contents.freeze;
    this.since = contents.since;
    this.#contents = contents;
  }

  /** Nothing at all to restore: no rows, no numbers. */
  get isEmpty(): boolean {
    const { numbers, parts } = this.#contents;
    return (
      Object.keys(numbers).length === 0 &&
      parts.every((part) => part.units.every((unit) => unit.frozen.liveCount === 0))
    );
  }

  /** Numbers and slices, as text: where they and all slots are as before, nothing needs to be written. */
  get outline(): string {
    const { numbers, parts } = this.#contents;
    return JSON.stringify([numbers, parts.map(({ units }) => units.map(({ sliceEnd }) => String(sliceEnd)))]);
  }

  /** True when slots were written or freed since the freeze that an increment builds on. */
  get hasChanges(): boolean {
    return this.#contents.parts.some((part) => part.units.some((unit) => unit.frozen.hasChanges));
  }

  /**
   * The snapshot file, in small steps that yield to the event loop. Ends the freeze. Throws CHECKPOINT_FAILED when the
   * freeze ended before (by `release` or by the next freeze).
   */
  async *write({ chain, position }: ChainPlace = ALONE): SnapshotPieces {
    const { parts: frozenParts, maxParallelism, numbers } = this.#contents;
    try {
      const arrow = await loadArrow();
      const pace = new Pace();
      let offset = SNAPSHOT_MAGIC.length;
      yield SNAPSHOT_MAGIC;
      const orders = new Map<FrozenUnit, SlotOrder>();
      const parts: PartManifest[] = [];
      for (const part of frozenParts) {
        const pieces = writePart(arrow, part, orders, { offset, increment: position > 0, maxParallelism, pace });
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
        maxParallelism,
        chain,
        position,
        parts,
        numbers,
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
  async toBytes(place?: ChainPlace): Promise<{ readonly bytes: Uint8Array; readonly manifest: SnapshotManifest }> {
    const pieces: Uint8Array[] = [];
    const writing = this.write(place);
    for (;;) {
      const piece = await writing.next();
      if (piece.done === true) return { bytes: Buffer.concat(pieces), manifest: piece.value };
      pieces.push(piece.value);
    }
  }

  /** Gives the snapshot up: the state saves no more pages for it. Idempotent. */
  release(): void {
    for (const part of this.#contents.parts) for (const unit of part.units) unit.frozen.release();
  }
}

interface PartPosition {
  readonly offset: number;
  /** Only what changed. */
  readonly increment: boolean;
  readonly maxParallelism: number;
  readonly pace: Pace;
}

async function* writePart(
  arrow: Arrow,
  part: FrozenPart,
  orders: Map<FrozenUnit, SlotOrder>,
  { offset: partOffset, increment, maxParallelism, pace }: PartPosition,
): AsyncGenerator<Uint8Array, PartManifest, void> {
  const { schema } = part;
  const counts = new Int32Array(maxParallelism);
  const grouping = { keys: schema.keys.length, groupKeys: schema.groupKeys ?? schema.keys.length };
  for (const unit of part.units) {
    const parentOrder = unit.parent === undefined ? undefined : orders.get(unit.parent);
    const selected = increment && !unit.frozen.fresh ? unit.frozen.dirty : undefined;
    const order =
      parentOrder === undefined
        ? await orderTable(unit.frozen, selected, grouping, counts, pace)
        : await orderChildren(unit.frozen, selected, parentOrder, parentColumn(schema), counts, pace);
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
  const end = writer.end();
  yield* end;
  const written = { ...schema, rows, schemaOffset: partOffset, schemaLength, groups };
  if (!increment) return written;
  offset += totalLength(end);
  const units: UnitManifest[] = [];
  for (const { frozen, sliceEnd } of part.units) {
    const of = sliceEnd === undefined ? {} : { sliceEnd: String(sliceEnd) };
    if (frozen.fresh) {
      units.push(of);
      continue;
    }
    const list = await encodeSlots(frozen.dirty, frozen.limit, pace);
    units.push({ ...of, changed: { offset, length: list.length, crc32: crc32(list) } });
    // What follows is Arrow again, which lies at multiples of eight.
    const padded = new Uint8Array((list.length + 7) & ~7);
    padded.set(list);
    yield padded;
    offset += padded.length;
  }
  return { ...written, units };
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
  const lead = leadColumns(schema).length;
  const slotAt = slotColumn(schema);
  const parentAt = parentColumn(schema);
  const numbers = new Int32Array(4096);
  for (const unit of part.units) {
    const order = orders.get(unit)!;
    await eachPage(order, groupStarts, range, pace, (page, pageRows, places, count) => {
      if (schema.sliced === true) columns[0]!.putConstant(unit.sliceEnd!, places, count);
      for (let i = 0; i < count; i++) numbers[i] = page.from + pageRows[i]!;
      columns[slotAt]!.putNumbers(numbers, places, count);
      if (unit.parent !== undefined) {
        columns[slotAt + 1]!.put(page.identity[parentAt]!, pageRows, places, count);
        columns[slotAt + 2]!.put(page.identity[parentAt + 1]!, pageRows, places, count);
      }
      for (let i = 0; i < schema.keys.length; i++) columns[lead + i]!.put(page.identity[i]!, pageRows, places, count);
      const firstField = lead + schema.keys.length;
      // The last-write time is the last of the changing columns.
      page.changing.forEach((column, i) => columns[firstField + i]!.put(column, pageRows, places, count));
    });
  }
  return columns;
}

/** Where a child store has its parent column, then its sequence: after the keys and hash of a map, first in a list. */
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
