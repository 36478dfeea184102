import { join } from "node:path";
import { SqlError } from "../base/errors.ts";
import type { FileSystem } from "../storage/file-system.ts";
import { checkpointFolder, checkpointIds, openCheckpoint, readMetadata } from "./checkpoint-directory.ts";
import { verifyFiles } from "./checkpoint-reader.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import type { CheckpointReader, Mender } from "./storage.ts";

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
  readonly mender?: Mender | undefined;
}

/**
 * The newest valid checkpoint of a run; `onInvalid` is told, in words, of each newer one that is not. Only reads.
 * `verify` false: state files are not looked at. `before`: called for each that is not complete; it may become so.
 * `mender`: asked for what is not there, or not valid; then it is looked at once more.
 */
export async function newestCheckpoint(
  checkpoints: RunCheckpoints,
  onInvalid: (reason: string, id: number) => void,
  { verify = true, before, mender }: NewestOptions = {},
): Promise<CheckpointReader | undefined> {
  const look = async (id: number): Promise<CheckpointReader | SqlError | undefined> => {
    try {
      let reader = await checkpoints.open(id);
      if (reader === undefined && before !== undefined) {
        await before(id);
        reader = await checkpoints.open(id);
      }
      if (reader !== undefined && verify) await verifyFiles(reader);
      return reader;
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== "CHECKPOINT_INVALID") throw error;
      return error;
    }
  };
  const ids = new Set([...(await checkpoints.ids()), ...((await mender?.ids()) ?? [])]);
  for (const id of [...ids].sort((a, b) => b - a)) {
    let found = await look(id);
    const bad = found === undefined || found instanceof SqlError;
    if (bad && mender !== undefined && (await mender.mend(id))) found = await look(id);
    if (found instanceof SqlError) onInvalid(`checkpoint ${id} is not used: ${found.message}`, id);
    else if (found !== undefined) return found;
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
