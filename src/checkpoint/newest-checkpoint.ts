import { join } from "node:path";
import { SqlError } from "../base/errors.ts";
import type { FileSystem } from "../storage/file-system.ts";
import { checkpointFolder, checkpointIds, openCheckpoint, readMetadata } from "./checkpoint-directory.ts";
import { verifyFiles } from "./checkpoint-reader.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import type { CheckpointReader } from "./storage.ts";

/** The checkpoints of a run, wherever they lie. */
export interface RunCheckpoints {
  /** Ascending, completed or not. */
  ids(): Promise<readonly number[]>;
  /** Undefined: it was never completed. Throws CHECKPOINT_INVALID. */
  open(id: number): Promise<CheckpointReader | undefined>;
}

interface NewestOptions {
  readonly verify?: boolean | undefined;
  readonly before?: ((id: number) => Promise<void>) | undefined;
}

/**
 * The newest valid checkpoint of a run; `onInvalid` is told, in words, of each newer one that is not. Only reads.
 * `verify` false: state files are not looked at. `before`: called for each that is not complete; it may become so.
 */
export async function newestCheckpoint(
  checkpoints: RunCheckpoints,
  onInvalid: (reason: string, id: number) => void,
  { verify = true, before }: NewestOptions = {},
): Promise<CheckpointReader | undefined> {
  for (const id of [...(await checkpoints.ids())].reverse()) {
    try {
      let reader = await checkpoints.open(id);
      if (reader === undefined && before !== undefined) {
        await before(id);
        reader = await checkpoints.open(id);
      }
      if (reader === undefined) continue;
      if (verify) await verifyFiles(reader);
      return reader;
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== "CHECKPOINT_INVALID") throw error;
      onInvalid(`checkpoint ${id} is not used: ${error.message}`, id);
    }
  }
  return undefined;
}

/** The checkpoints in a run's folder on a disk. */
export function checkpointsIn(
  runDirectory: string,
  files: FileSystem,
  keys: EncryptionKeys | undefined,
): RunCheckpoints {
  return {
    ids: async () => checkpointIds(runDirectory, files),
    open: async (id) => {
      const directory = join(runDirectory, checkpointFolder(id));
      if ((await readMetadata(directory, files, keys)) === undefined) return undefined;
      return ofNumber(id, await openCheckpoint(directory, files, keys));
    },
  };
}

/** The checkpoint of that number's folder. Throws CHECKPOINT_INVALID when it is another one: somebody has moved files. */
export function ofNumber(id: number, reader: CheckpointReader): CheckpointReader {
  const { metadata, location } = reader;
  if (metadata.id === id) return reader;
  throw new SqlError("CHECKPOINT_INVALID", `in ${location} lies the metadata of checkpoint ${metadata.id}`);
}
