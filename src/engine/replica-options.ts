import { parseDurationMillis } from "../base/duration.ts";
import { SqlError } from "../base/errors.ts";

const REPLICAS = "execution.checkpointing.replicas";
const MIN_REPLICAS = "execution.checkpointing.min-replicas";

/** Where checkpoints lie besides the checkpoint directory. */
export interface ReplicaOptions {
  readonly locations: readonly string[];
  /** So many places have a checkpoint when it is complete, the checkpoint directory among them. */
  readonly minPlaces: number;
  readonly timeoutMillis: number;
}

/** Undefined: the checkpoint directory is the only place. Throws OPTION_INVALID. */
export function replicaOptions(values: ReadonlyMap<string, string>, directory: string): ReplicaOptions | undefined {
  const locations = (values.get(REPLICAS) ?? "")
    .split(/[,;]/)
    .map((location) => location.trim())
    .filter((location) => location !== "");
  if (locations.length === 0) return undefined;
  const same = locations.find((location, i) => sameIn([directory, ...locations.slice(0, i)], location));
  if (same !== undefined) {
    throw new SqlError("OPTION_INVALID", `'${REPLICAS}' names '${same}', where checkpoints lie already`, {
      hint: "each place is another one, better on another disk or machine",
    });
  }
  const minPlaces = Number(values.get(MIN_REPLICAS) ?? 2);
  if (minPlaces > locations.length + 1) {
    throw new SqlError(
      "OPTION_INVALID",
      `'${MIN_REPLICAS}' = '${minPlaces}', but with the checkpoint directory there are ${locations.length + 1} places`,
    );
  }
  const timeoutMillis = parseDurationMillis(values.get("execution.checkpointing.timeout") ?? "") ?? 600_000;
  return { locations, minPlaces, timeoutMillis };
}

function sameIn(others: readonly string[], location: string): boolean {
  const plain = (text: string): string => text.replace(/^file:(\/\/)?/i, "").replace(/\/+$/, "");
  return others.some((other) => plain(other) === plain(location));
}
