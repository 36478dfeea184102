import { join } from "node:path";
import { SqlError } from "../base/errors.ts";
import { nodeFiles, type FileSystem } from "../storage/file-system.ts";
import { checkpointFolder, checkpointIds, openCheckpoint, readMetadata, verifyFiles } from "./checkpoint-directory.ts";
import type { CheckpointReader } from "./storage.ts";

interface NewestOptions {
  readonly files?: FileSystem | undefined;
  readonly verify?: boolean | undefined;
  readonly before?: ((directory: string, id: number) => Promise<void>) | undefined;
}

/**
 * The newest valid checkpoint in a run's folder; `onInvalid` is told, in words, of each newer one that is not. Only reads.
 * `verify` false: state files are not looked at. `before`: called for each folder that holds no complete checkpoint.
 */
export async function newestCheckpoint(
  runDirectory: string,
  onInvalid: (reason: string, id: number) => void,
  { files = nodeFiles, verify = true, before }: NewestOptions = {},
): Promise<CheckpointReader | undefined> {
  for (const id of (await checkpointIds(runDirectory, files)).reverse()) {
    const directory = join(runDirectory, checkpointFolder(id));
    try {
      if (before !== undefined && (await readMetadata(directory, files)) === undefined) await before(directory, id);
      if ((await readMetadata(directory, files)) === undefined) continue;
      const reader = await openCheckpoint(directory, files);
      if (verify) await verifyFiles(reader, files);
      return reader;
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== "CHECKPOINT_INVALID") throw error;
      onInvalid(`checkpoint ${id} is not used: ${error.message}`, id);
    }
  }
  return undefined;
}
