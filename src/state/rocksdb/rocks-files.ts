import { checkpointFolder } from "../../checkpoint/checkpoint-directory.ts";
import type { StateFile } from "../../checkpoint/metadata.ts";

/** The file as another checkpoint of the run names it. */
export function laterPath(file: StateFile, checkpointId: number): StateFile {
  return file.path.startsWith("../") ? file : { ...file, path: `../${checkpointFolder(checkpointId)}/${file.path}` };
}
