import { basename } from "node:path";
import type { EncryptionKeys } from "./encryption-keys.ts";
import type { StateFile, SubtaskSnapshot } from "./metadata.ts";
import type { CheckpointReader } from "./storage.ts";
import { copiedForm, type StoredForm } from "./stored-form.ts";

/**
 * The snapshots of a checkpoint with all their state files in one folder: `copy` puts each there under a name of its own.
 * They are copied as they are stored, but encrypted anew when that was not with the key of now.
 */
export async function copiedSnapshots(
  reader: CheckpointReader,
  keys: EncryptionKeys | undefined,
  copy: (form: StoredForm) => Promise<void>,
): Promise<SubtaskSnapshot[]> {
  let count = 0;
  const snapshots: SubtaskSnapshot[] = [];
  for (const snapshot of reader.metadata.snapshots) {
    const stateFiles: StateFile[] = [];
    for (const file of snapshot.stateFiles) {
      const path = `${count++}-${basename(file.path)}`;
      const form =
        file.encryption?.keyId === keys?.current.id
          ? { path, blocks: reader.stored(file), file: () => ({ ...file, path }) }
          : copiedForm(path, file, reader.contents(file), keys);
      await copy(form);
      // A part of a segment becomes a file of its own.
      const { offset: _, ...rest } = form.file();
      stateFiles.push(rest);
    }
    snapshots.push({ ...snapshot, stateFiles });
  }
  return snapshots;
}
