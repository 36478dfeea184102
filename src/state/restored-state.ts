import { crc32 } from "../checkpoint/checksum.ts";
import { SqlError } from "../base/errors.ts";
import type { Column } from "../batch/column.ts";
import { HASH_VERSION } from "../batch/hash.ts";
import { loadArrow, readArrowStream, type Arrow } from "./arrow-batches.ts";
import { FOOTER_BYTES, SNAPSHOT_MAGIC } from "./snapshot.ts";
import {
  fileColumns,
  SNAPSHOT_FORMAT,
  type GroupRange,
  type PartManifest,
  type SnapshotManifest,
} from "./snapshot-manifest.ts";

/** Rows of one part and one key group of one file, in file order. Columns as `fileColumns` names them. */
export interface RestoredBatch {
  /** Number of the file. */
  readonly file: number;
  /** Same for all parts of a file and key group: parent ordinals count within it. */
  readonly source: string;
  readonly columns: readonly Column[];
  readonly rowCount: number;
}

/** One state as a checkpoint holds it. */
export interface RestoredPart {
  readonly manifest: PartManifest;
  readonly batches: readonly RestoredBatch[];
  /** The rows are all those of one former task: they take the slots that they had. Else they are numbered anew, in that order. */
  readonly whole: boolean;
}

/** Key groups `from` … `to` − 1. */
export interface KeyGroupRange {
  readonly from: number;
  readonly to: number;
}

/** What the snapshots of one operator hold for a range of key groups, until its states are declared and take it. */
export class RestoredState {
  readonly maxParallelism: number;
  readonly #parts: Map<string, RestoredPart>;
  readonly #numbers: Map<string, readonly number[]>;

  constructor(maxParallelism: number, parts: Map<string, RestoredPart>, numbers: Map<string, readonly number[]>) {
    this.maxParallelism = maxParallelism;
    this.#parts = parts;
    this.#numbers = numbers;
  }

  /** Hands over a part; it is then claimed. */
  takePart(name: string): RestoredPart | undefined {
    const part = this.#parts.get(name);
    this.#parts.delete(name);
    return part;
  }

  /** The numbers of the former tasks under this name. */
  takeNumbers(name: string): readonly number[] {
    const values = this.#numbers.get(name) ?? [];
    this.#numbers.delete(name);
    return values;
  }

  /** Names that nobody has claimed. */
  unclaimed(): string[] {
    return [...this.#parts.keys(), ...this.#numbers.keys()];
  }
}

/**
 * Reads snapshot files of one operator (one of each former subtask) for a range of key groups; default: all. Throws
 * CHECKPOINT_INVALID for damaged files, STATE_INCOMPATIBLE for other versions.
 */
export async function readSnapshots(files: readonly Uint8Array[], range?: KeyGroupRange): Promise<RestoredState> {
  const arrow = await loadArrow();
  const parts = new Map<string, { manifest: PartManifest; batches: RestoredBatch[]; whole: boolean }>();
  const numbers = new Map<string, number[]>();
  let maxParallelism = 0;
  files.forEach((bytes, file) => {
    const manifest = readManifest(bytes);
    maxParallelism = manifest.maxParallelism;
    const groups = range ?? { from: 0, to: maxParallelism };
    const inRange = ({ keyGroup }: GroupRange): boolean => keyGroup >= groups.from && keyGroup < groups.to;
    const whole = files.length === 1 && manifest.parts.every((part) => part.groups.every(inRange));
    for (const part of manifest.parts) {
      const known = parts.get(part.name) ?? { manifest: part, batches: [], whole };
      parts.set(part.name, known);
      known.batches.push(...readPart(arrow, bytes, part, file, groups));
    }
    for (const [name, text] of Object.entries(manifest.numbers))
      numbers.set(name, [...(numbers.get(name) ?? []), Number(text)]);
  });
  return new RestoredState(maxParallelism, parts, numbers);
}

/** The manifest at the end of a snapshot file. */
export function readManifest(bytes: Uint8Array): SnapshotManifest {
  const end = bytes.length - FOOTER_BYTES;
  if (end < SNAPSHOT_MAGIC.length || !isMagic(bytes, 0) || !isMagic(bytes, bytes.length - SNAPSHOT_MAGIC.length)) {
    throw new SqlError("CHECKPOINT_INVALID", "a state file is cut off or not a state file");
  }
  const footer = new DataView(bytes.buffer, bytes.byteOffset + end, FOOTER_BYTES);
  const text = bytes.subarray(end - footer.getUint32(0, true), end);
  if (crc32(text) !== footer.getUint32(4, true))
    throw new SqlError("CHECKPOINT_INVALID", "the manifest of a state file is damaged");
  const manifest = JSON.parse(new TextDecoder().decode(text)) as SnapshotManifest;
  if (manifest.format !== SNAPSHOT_FORMAT || manifest.hashVersion !== HASH_VERSION) {
    throw new SqlError(
      "STATE_INCOMPATIBLE",
      `a state file has format ${manifest.format}, hash ${manifest.hashVersion}; this version reads ${SNAPSHOT_FORMAT}, ${HASH_VERSION}`,
    );
  }
  return manifest;
}

function isMagic(bytes: Uint8Array, offset: number): boolean {
  return SNAPSHOT_MAGIC.every((byte, i) => bytes[offset + i] === byte);
}

const END_OF_STREAM = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

function* readPart(
  arrow: Arrow,
  bytes: Uint8Array,
  part: PartManifest,
  file: number,
  { from, to }: KeyGroupRange,
): Generator<RestoredBatch> {
  const schema = bytes.subarray(part.schemaOffset, part.schemaOffset + part.schemaLength);
  const columns = fileColumns(part);
  for (const group of part.groups) {
    if (group.keyGroup < from || group.keyGroup >= to) continue;
    const body = bytes.subarray(group.offset, group.offset + group.length);
    if (crc32(body) !== group.crc32) {
      throw new SqlError("CHECKPOINT_INVALID", `the state '${part.name}' is damaged (key group ${group.keyGroup})`);
    }
    const stream = new Uint8Array(schema.length + body.length + END_OF_STREAM.length);
    stream.set(schema);
    stream.set(body, schema.length);
    stream.set(END_OF_STREAM, schema.length + body.length);
    for (const batch of readArrowStream(arrow, stream, columns))
      yield { file, source: `${file}:${group.keyGroup}`, ...batch };
  }
}
