import { SqlError } from "../base/errors.ts";
import type { StateFile } from "../checkpoint/metadata.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { stateFilesOf } from "./backend.ts";
import { readManifest } from "./restored-state.ts";
import { manifestOwner, type RecordBackendName } from "./manifest-magic.ts";
import { decodeManifest } from "./rocksdb/manifest.ts";
import type { PartSchema, SnapshotManifest } from "./snapshot-manifest.ts";

/** What a checkpoint holds of one operator, by name. */
export interface StoredSchemas {
  readonly parts: ReadonlyMap<string, PartSchema>;
  /** What belongs to no key: of each former task one. */
  readonly numbers: ReadonlyMap<string, readonly number[]>;
  /** The backend in whose form the rows are, which only it can read; undefined: all can. */
  readonly owner: RecordBackendName | undefined;
}

/** Files that were written as they came; others are a backend's own. */
const WRITTEN_FILE = /\.state(\.gz|\.zst)?(\.enc)?$/;

/** The states of an operator, rows left aside. Throws CHECKPOINT_INVALID, STATE_INCOMPATIBLE for another format. */
export async function storedSchemas(reader: CheckpointReader, operatorId: string): Promise<StoredSchemas> {
  const parts = new Map<string, PartSchema>();
  /** Of each former task those of its newest file. */
  const numbers: (readonly [name: string, value: string][])[] = [];
  let owner: RecordBackendName | undefined;
  for (const file of operatorFiles(reader, operatorId)) {
    if (!WRITTEN_FILE.test(file.path)) continue;
    const bytes = await reader.readFile(file);
    const found = manifestOwner(bytes);
    owner ??= found;
    const manifest = found !== undefined ? recordSchemas(bytes, reader.location) : readManifest(bytes);
    for (const part of manifest.parts) parts.set(part.name, part);
    // An increment has all of them again.
    if (manifest.position > 0) numbers.pop();
    numbers.push(Object.entries(manifest.numbers));
  }
  return { parts, numbers: valuesByName(numbers.flat()), owner };
}

function recordSchemas(
  bytes: Uint8Array,
  where: string,
): Pick<SnapshotManifest, "numbers" | "position"> & { readonly parts: readonly PartSchema[] } {
  const { tables, numbers } = decodeManifest(bytes, where);
  return { parts: tables.flatMap(({ schema, children }) => [schema, ...children]), numbers, position: 0 };
}

function valuesByName(
  entries: readonly (readonly [name: string, value: string])[],
): ReadonlyMap<string, readonly number[]> {
  const values = new Map<string, number[]>();
  for (const [name, value] of entries) values.set(name, [...(values.get(name) ?? []), Number(value)]);
  return values;
}

/** All state files of an operator, without rows that were on their way to it. */
export function operatorFiles({ metadata }: CheckpointReader, operatorId: string): readonly StateFile[] {
  return metadata.snapshots.filter((s) => s.operatorId === operatorId).flatMap(stateFilesOf);
}

/** The checkpoint as far as it concerns one operator; the others are not there. */
export function ofOperator(reader: CheckpointReader, operatorId: string): CheckpointReader {
  const snapshots = reader.metadata.snapshots.filter((s) => s.operatorId === operatorId);
  if (snapshots.length === 0)
    throw new SqlError("CHECKPOINT_NOT_FOUND", `${reader.location} holds nothing of an operator '${operatorId}'`);
  return { ...reader, metadata: { ...reader.metadata, snapshots } };
}
