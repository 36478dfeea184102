import { basename } from "node:path";
import type { StateFile, SubtaskSnapshot } from "./metadata.ts";
import type { CheckpointReader } from "./storage.ts";

/** The snapshots of a checkpoint with all their state files in one folder: `copy` puts each there under a name of its own. */
export async function copiedSnapshots(
  { metadata }: CheckpointReader,
  copy: (file: StateFile, name: string) => Promise<void>,
): Promise<SubtaskSnapshot[]> {
  let count = 0;
  const snapshots: SubtaskSnapshot[] = [];
  for (const snapshot of metadata.snapshots) {
    const stateFiles: StateFile[] = [];
    for (const file of snapshot.stateFiles) {
      const path = `${count++}-${basename(file.path)}`;
      await copy(file, path);
      stateFiles.push({ ...file, path });
    }
    snapshots.push({ ...snapshot, stateFiles });
  }
  return snapshots;
}
