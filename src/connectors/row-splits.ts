import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { Split } from "./api.ts";

/**
 * Splits of a generated table: split `k` of `n` (`scan.parallelism`, by default the threads of the job) has the rows k, k + n, k + 2n, …,
 * so that all of them are equally far in time. What was divided once is not divided again.
 */
export function interleavedSplits(
  name: string,
  options: Readonly<Record<string, string>>,
  parallelism: number | undefined,
  known: ReadonlySet<string>,
): Split[] {
  if (known.size > 0) return [];
  const parts = Number(options["scan.parallelism"] ?? parallelism ?? 1);
  return Array.from({ length: parts }, (_, part) => ({ id: `${name}-${part}-of-${parts}`, data: { part, parts } }));
}

/** Which part of how many a split is. */
export function splitPart(split: Split): { readonly part: number; readonly parts: number } {
  return split.data as { readonly part: number; readonly parts: number };
}

/** The position before row `next`. */
export function rowPosition(next: number): Json {
  return { row: next };
}

/** The row at which a position goes on; undefined: at the beginning. Throws CHECKPOINT_INVALID. */
export function nextRowOf(position: Json | undefined): number | undefined {
  if (position === undefined || position === null) return undefined;
  if (typeof position === "object" && "row" in position && typeof position["row"] === "number") return position["row"];
  throw new SqlError("CHECKPOINT_INVALID", `not a position in generated rows: ${JSON.stringify(position)}`);
}
