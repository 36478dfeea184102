import { neededFolders } from "./checkpoint-directory.ts";
import type { CheckpointMetadata } from "./metadata.ts";

/**
 * Which of the checkpoints may go when the newest `count` completed ones stay, with all that they need; newest first: one
 * that builds on files of another goes before it, and never stands there without them. `metadata`: undefined for one that
 * is not complete, or is damaged.
 */
export async function removable(
  ids: readonly number[],
  count: number,
  metadata: (id: number) => Promise<CheckpointMetadata | undefined>,
): Promise<readonly number[]> {
  const newestFirst = [...ids].sort((a, b) => b - a);
  const kept = new Set<number>();
  for (const id of newestFirst) {
    if (kept.size >= count) break;
    // A damaged one is not counted, so that a valid one before it stays.
    if ((await metadata(id)) !== undefined) kept.add(id);
  }
  const newest = Math.max(0, ...kept);
  // What is added on the way is looked at too.
  for (const id of kept) {
    const found = await metadata(id);
    for (const needed of found === undefined ? [] : neededFolders(found)) kept.add(needed);
  }
  return newestFirst.filter((id) => id < newest && !kept.has(id));
}
