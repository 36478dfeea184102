import type { Place } from "../storage/place.ts";
import { within } from "../storage/place.ts";
import type { CheckpointMetadata } from "./metadata.ts";

/** From which checkpoint each attempt of a run with replicas began. */
export const RESTORES_FILE = "_restores.json";

/** So many are kept; what an older one says of a checkpoint is said by its age, too. */
const KEPT = 100;

/** An attempt began from a checkpoint (0: at the beginning): what earlier attempts completed after that one is void. */
export interface Restore {
  readonly attempt: number;
  readonly from: number;
}

/** In a run's folder of one place; none where nothing can be read from it. Throws IO when the place does not answer. */
export async function readRestores(run: Place): Promise<readonly Restore[]> {
  const { storage, path } = within(run, RESTORES_FILE);
  const found = await storage.read(path);
  if (found === undefined) return [];
  try {
    const { restores } = JSON.parse(Buffer.from(found.bytes).toString()) as { readonly restores?: readonly Restore[] };
    return (restores ?? []).filter((r) => typeof r.attempt === "number" && typeof r.from === "number");
  } catch {
    return [];
  }
}

/** Adds one, durably. */
export async function writeRestores(run: Place, restores: readonly Restore[]): Promise<void> {
  const { storage, path } = within(run, RESTORES_FILE);
  await storage.put(path, Buffer.from(`${JSON.stringify({ restores: restores.slice(-KEPT) })}\n`));
}

/** Of several places, each once. */
export function joinedRestores(lists: readonly (readonly Restore[])[]): readonly Restore[] {
  const all = new Map(lists.flat().map((restore) => [restore.attempt, restore]));
  return [...all.values()].sort((a, b) => a.attempt - b.attempt);
}

/** Was the run gone on with from an older checkpoint since? Its sinks have taken back what this one would commit. */
export function isVoid(
  { id, attempt }: Pick<CheckpointMetadata, "id" | "attempt">,
  restores: readonly Restore[],
): boolean {
  return restores.some((restore) => restore.attempt > attempt && id > restore.from);
}
