import type { AggregateFunction } from "../../functions/define.ts";
import { isBatch } from "../batch-mode.ts";
import type { Binding } from "./context.ts";

/** Only in batch mode, as in Flink. It is exact here: COUNT(DISTINCT …). */
export const APPROX_COUNT_DISTINCT = "APPROX_COUNT_DISTINCT";

/** The aggregate of that name, and whether it takes each value once although nobody said DISTINCT. */
export function aggregateNamed(
  name: string,
  { functions, options }: Binding,
): { readonly fn: AggregateFunction | undefined; readonly distinct: boolean } {
  const approximate = name === APPROX_COUNT_DISTINCT && isBatch(options);
  return { fn: functions.aggregate(approximate ? "COUNT" : name), distinct: approximate };
}
