import type { StateFile } from "../../checkpoint/metadata.ts";
import { restoredSnapshots, type BackendContext } from "../backend.ts";
import { manifestOwner, type RecordBackendName } from "../manifest-magic.ts";
import { ofAnother } from "../memory-backend.ts";
import type { KeyGroupRange } from "../restored-state.ts";
import { decodeManifest, type OperatorManifest } from "./manifest.ts";

/** What a checkpoint holds for a thread. */
export interface FoundStates {
  readonly manifests: readonly OperatorManifest[];
  /** Those that say where the records of a former subtask are, with the files behind them. */
  readonly carriers: readonly { readonly manifest: OperatorManifest; readonly files: readonly StateFile[] }[];
  /** Snapshot files of the memory backend by operator. */
  readonly canonical: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** Reads the manifests of a backend and the snapshots that all read. Throws STATE_INCOMPATIBLE for those of another backend, CHECKPOINT_INVALID. */
export async function readStates(backend: RecordBackendName, context: BackendContext): Promise<FoundStates> {
  const manifests: OperatorManifest[] = [];
  const carriers: { readonly manifest: OperatorManifest; readonly files: readonly StateFile[] }[] = [];
  const canonical = new Map<string, Uint8Array[]>();
  const { restore } = context;
  for (const [operatorId, snapshots] of restore === undefined ? [] : restoredSnapshots(context)) {
    for (const { stateFiles } of snapshots) {
      const [first, ...more] = stateFiles;
      if (first === undefined) continue;
      const bytes = await restore!.readFile(first);
      const owner = manifestOwner(bytes);
      if (owner === undefined) {
        const files = canonical.get(operatorId) ?? [];
        canonical.set(operatorId, files);
        files.push(bytes);
        for (const file of more) files.push(await restore!.readFile(file));
        continue;
      }
      if (owner !== backend) throw ofAnother(owner, restore!);
      // The operator may have another id in this script than in the one that made the checkpoint.
      const manifest = { ...decodeManifest(bytes, restore!.location), operatorId };
      manifests.push(manifest);
      if (manifest.databaseFiles !== undefined || manifest.rows !== undefined) carriers.push({ manifest, files: more });
    }
  }
  return { manifests, carriers, canonical };
}

/** Do the records cover just these key groups? */
export function sameRange(a: KeyGroupRange, b: KeyGroupRange): boolean {
  return a.from === b.from && a.to === b.to;
}

/**
 * The key groups of a thread that a former one had, undefined where there are none. Of others it may hold records as well:
 * every thread has its own row of a table without keys, and only that of the first group's owner is more than empty.
 */
export function sharedRange(a: KeyGroupRange, b: KeyGroupRange): KeyGroupRange | undefined {
  const shared = { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
  return shared.from < shared.to ? shared : undefined;
}
