import { crc32 } from "../checkpoint/checksum.ts";
import { SqlError } from "../base/errors.ts";
import type { Column } from "../batch/column.ts";
import { HASH_VERSION } from "../batch/hash.ts";
import { loadArrow } from "./arrow-batches.ts";
import { readChainPart, type SnapshotFile } from "./chain-reader.ts";
import { Pace } from "./pace.ts";
import { FOOTER_BYTES, SNAPSHOT_MAGIC } from "./snapshot.ts";
import { SNAPSHOT_FORMAT, type PartManifest, type SnapshotManifest } from "./snapshot-manifest.ts";

/** Rows of one part and one key group of one former task. Columns as `fileColumns` names them. */
export interface RestoredBatch {
  /** Number of the former task: slots and parents count within it. */
  readonly task: number;
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
 * Reads snapshot files of one operator for a range of key groups; default: all. For each former subtask its base, then
 * the increments on it in order. Yields to the event loop. The state holds views of the files until it is declared.
 * Throws CHECKPOINT_INVALID for damaged files and for files that do not belong together, STATE_INCOMPATIBLE for other
 * versions.
 */
export async function readSnapshots(files: readonly Uint8Array[], range?: KeyGroupRange): Promise<RestoredState> {
  const arrow = await loadArrow();
  const pace = new Pace();
  const chains = chainsOf(files);
  const maxParallelism = chains[0]?.[0]!.manifest.maxParallelism ?? 0;
  const groups = range ?? { from: 0, to: maxParallelism };
  const whole = chains.length === 1 && chains[0]!.every(({ manifest }) => isWithin(manifest, groups));
  const parts = new Map<string, { manifest: PartManifest; batches: RestoredBatch[]; whole: boolean }>();
  const numbers = new Map<string, number[]>();
  for (const [task, chain] of chains.entries()) {
    const newest = chain.at(-1)!.manifest;
    if (newest.maxParallelism !== maxParallelism) {
      throw new SqlError(
        "CHECKPOINT_INVALID",
        `the state files of one operator have ${maxParallelism} and ${newest.maxParallelism} key groups`,
      );
    }
    for (const part of newest.parts) {
      const known = parts.get(part.name) ?? { manifest: part, batches: [], whole };
      parts.set(part.name, known);
      for (const batch of await readChainPart(arrow, chain, part.name, groups, pace))
        known.batches.push({ task, ...batch });
    }
    for (const [name, text] of Object.entries(newest.numbers))
      numbers.set(name, [...(numbers.get(name) ?? []), Number(text)]);
  }
  return new RestoredState(maxParallelism, parts, numbers);
}

function isWithin(manifest: SnapshotManifest, { from, to }: KeyGroupRange): boolean {
  return manifest.parts.every((part) => part.groups.every(({ keyGroup }) => keyGroup >= from && keyGroup < to));
}

/** Each base begins a chain; what follows it must be the increments on it, none missing. */
function chainsOf(files: readonly Uint8Array[]): SnapshotFile[][] {
  const chains: SnapshotFile[][] = [];
  for (const bytes of files) {
    const manifest = readManifest(bytes);
    if (manifest.position === 0) {
      chains.push([{ bytes, manifest }]);
      continue;
    }
    const chain = chains.at(-1);
    if (chain?.[0]!.manifest.chain !== manifest.chain || chain.length !== manifest.position) {
      throw new SqlError(
        "CHECKPOINT_INVALID",
        `increment ${manifest.position} of the state files '${manifest.chain}' does not follow ${chain === undefined ? "anything" : `file ${chain.length - 1} of '${chain[0]!.manifest.chain}'`}`,
      );
    }
    chain.push({ bytes, manifest });
  }
  return chains;
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
