import { SqlError } from "../base/errors.ts";
import type { StateFile } from "../checkpoint/metadata.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { stateFilesOf } from "./backend.ts";
import { readManifest } from "./restored-state.ts";
import type { PartSchema } from "./snapshot-manifest.ts";

/** What a checkpoint holds of one operator, by name. */
export interface StoredSchemas {
  readonly parts: ReadonlyMap<string, PartSchema>;
  readonly numbers: readonly string[];
}

/** Files that a backend has written in the common form; others are its own. */
const SNAPSHOT_FILE = /\.state(\.gz|\.zst)?$/;

/**
 * The states of an operator, rows left aside. Undefined: a backend has stored them in a form of its own, which only it
 * can read. Throws CHECKPOINT_INVALID, STATE_INCOMPATIBLE for another format.
 */
export async function storedSchemas(reader: CheckpointReader, operatorId: string): Promise<StoredSchemas | undefined> {
  const parts = new Map<string, PartSchema>();
  const numbers = new Set<string>();
  for (const file of operatorFiles(reader, operatorId)) {
    if (!SNAPSHOT_FILE.test(file.path)) return undefined;
    const manifest = readManifest(await reader.readFile(file));
    for (const part of manifest.parts) parts.set(part.name, part);
    for (const name of Object.keys(manifest.numbers)) numbers.add(name);
  }
  return { parts, numbers: [...numbers] };
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
