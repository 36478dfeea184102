import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { faultPoint } from "../base/fault-point.ts";

/** Makes the folder's entries durable. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open folders; its file systems make entries durable with the file.
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Replaces a file as a whole: afterwards readers see the new contents, also after a power failure; before, the old
 * ones. `beforeRename` runs when the contents are durable under another name.
 */
export async function replaceFile(
  path: string,
  contents: string,
  beforeRename?: () => Promise<void>,
  fault?: string,
): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(contents);
      await file.sync();
    } finally {
      await file.close();
    }
    await beforeRename?.();
    if (fault !== undefined) faultPoint(fault);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}
