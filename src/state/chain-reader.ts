import { crc32 } from "../checkpoint/checksum.ts";
import { SqlError } from "../base/errors.ts";
import type { Column } from "../batch/column.ts";
import { takeColumn } from "../batch/take.ts";
import { readArrowStream, type Arrow } from "./arrow-batches.ts";
import type { Pace } from "./pace.ts";
import type { KeyGroupRange } from "./restored-state.ts";
import { addSlots } from "./slot-list.ts";
import {
  fileColumns,
  slotColumn,
  type GroupRange,
  type PartManifest,
  type SnapshotManifest,
} from "./snapshot-manifest.ts";

/** One file of a chain. */
export interface SnapshotFile {
  readonly bytes: Uint8Array;
  readonly manifest: SnapshotManifest;
}

/** Rows of one key group. */
interface ChainBatch {
  readonly columns: readonly Column[];
  readonly rowCount: number;
}

/** What the files of a chain that were read already, the newer ones, say about the older ones. */
interface Decided {
  /** By slice end (NaN: the store that is no slice): slots whose older rows do not count; "all": none of it counts. */
  readonly slots: Map<number, Uint8Array | "all">;
  /** Slices that still exist, as far as files say; undefined: none has said yet. */
  ends: ReadonlySet<number> | undefined;
}

const NO_SLICE = Number.NaN;

/**
 * The rows of a part at the end of a chain, for the key groups of a range: from the newest file to the oldest, each
 * without the slots that a newer one has written or freed. The batches are in the order of the files.
 */
export async function readChainPart(
  arrow: Arrow,
  chain: readonly SnapshotFile[],
  name: string,
  range: KeyGroupRange,
  pace: Pace,
): Promise<ChainBatch[]> {
  const decided: Decided = { slots: new Map(), ends: undefined };
  const byFile: ChainBatch[][] = [];
  for (const { bytes, manifest } of chain.toReversed()) {
    const part = manifest.parts.find((each) => each.name === name);
    if (part === undefined)
      throw new SqlError(
        "CHECKPOINT_INVALID",
        `a state file of the chain '${manifest.chain}' lacks the state '${name}'`,
      );
    const batches: ChainBatch[] = [];
    for await (const batch of readPart(arrow, bytes, part, range, pace)) {
      const kept = undecided(batch, part, decided);
      if (kept !== undefined) batches.push(kept);
    }
    byFile.push(batches);
    decide(bytes, part, decided);
  }
  return byFile.toReversed().flat();
}

/** The rows of a batch that no newer file has replaced or removed; undefined: none. */
function undecided(batch: ChainBatch, part: PartManifest, decided: Decided): ChainBatch | undefined {
  if (decided.slots.size === 0 && decided.ends === undefined) return batch;
  const { columns, rowCount } = batch;
  const slots = (columns[slotColumn(part)] as { values: Int32Array }).values;
  const ends = part.sliced === true ? (columns[0] as { values: Float64Array }).values : undefined;
  const kept = new Int32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    const end = ends === undefined ? NO_SLICE : ends[row]!;
    if (ends !== undefined && decided.ends?.has(end) === false) continue;
    const taken = decided.slots.get(end);
    if (taken !== undefined && (taken === "all" || taken[slots[row]!] === 1)) continue;
    kept[count++] = row;
  }
  if (count === rowCount) return batch;
  if (count === 0) return undefined;
  return { columns: columns.map((column) => takeColumn(column, kept, count)), rowCount: count };
}

/** Takes up what the file says about older ones. */
function decide(bytes: Uint8Array, part: PartManifest, decided: Decided): void {
  if (part.units === undefined) return;
  const ends = new Set<number>();
  for (const { sliceEnd, changed } of part.units) {
    const end = sliceEnd === undefined ? NO_SLICE : Number(sliceEnd);
    if (decided.ends === undefined || decided.ends.has(end)) ends.add(end);
    const known = decided.slots.get(end);
    if (known === "all") continue;
    if (changed === undefined) {
      decided.slots.set(end, "all");
      continue;
    }
    const list = bytes.subarray(changed.offset, changed.offset + changed.length);
    if (crc32(list) !== changed.crc32)
      throw new SqlError("CHECKPOINT_INVALID", `the state '${part.name}' is damaged (list of changed slots)`);
    decided.slots.set(end, addSlots(list, known ?? new Uint8Array(1024)));
  }
  decided.ends = ends;
}

const END_OF_STREAM = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

async function* readPart(
  arrow: Arrow,
  bytes: Uint8Array,
  part: PartManifest,
  { from, to }: KeyGroupRange,
  pace: Pace,
): AsyncGenerator<ChainBatch> {
  const columns = fileColumns(part);
  const groups = part.groups.filter(({ keyGroup }) => keyGroup >= from && keyGroup < to);
  for (const group of groups) {
    checkGroup(bytes, part, group);
    await pace.step();
  }
  const first = groups[0];
  if (first === undefined) return;
  // The wanted key groups lie side by side; where the schema is in front of them the stream is read where it lies.
  const last = groups.at(-1)!;
  const schemaEnd = part.schemaOffset + part.schemaLength;
  const body = bytes.subarray(first.offset, last.offset + last.length);
  const stream =
    first.offset === schemaEnd
      ? bytes.subarray(part.schemaOffset, last.offset + last.length)
      : concatenated([bytes.subarray(part.schemaOffset, schemaEnd), body, END_OF_STREAM]);
  for (const batch of readArrowStream(arrow, stream, columns)) {
    yield batch;
    await pace.step();
  }
}

function checkGroup(
  bytes: Uint8Array,
  part: PartManifest,
  { keyGroup, offset, length, crc32: expected }: GroupRange,
): void {
  if (crc32(bytes.subarray(offset, offset + length)) !== expected)
    throw new SqlError("CHECKPOINT_INVALID", `the state '${part.name}' is damaged (key group ${keyGroup})`);
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
