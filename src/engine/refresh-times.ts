import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import { instantToLocal, localToInstant } from "../types/timezone.ts";

const HOUR_MILLIS = 3_600_000;

/** Units of FRESHNESS, each with how many of it make the next one. */
const UNITS = [
  { name: "DAY", millis: 86_400_000, limit: 1 },
  { name: "HOUR", millis: HOUR_MILLIS, limit: 24 },
  { name: "MINUTE", millis: 60_000, limit: 60 },
  { name: "SECOND", millis: 1000, limit: 60 },
] as const;

/**
 * Checks that a FRESHNESS can be kept by refreshes at whole times of the clock, as Flink asks: a factor of 60 seconds or
 * minutes, of 24 hours, or one day. Throws INVALID_QUERY.
 */
export function checkFreshness(millis: number, span: Span | undefined): void {
  const unit = UNITS.find((each) => millis % each.millis === 0);
  const count = unit === undefined ? 0 : millis / unit.millis;
  if (unit !== undefined && unit.limit % count === 0) return;
  throw new SqlError(
    "INVALID_QUERY",
    unit?.name === "DAY"
      ? "In full refresh mode, freshness must be 1 when the time unit is DAY."
      : `In full refresh mode, only freshness that are factors of ${unit?.limit ?? 60} are currently supported when the time unit is ${unit?.name ?? "SECOND"}.`,
    { span, hint: "FRESHNESS = INTERVAL '15' MINUTE is refreshed at :00, :15, :30 and :45" },
  );
}

/** The first time after `nowMillis` at which a table of this freshness is refreshed: multiples of it, counted from midnight in the zone. */
export function nextRefreshMillis(freshnessMillis: number, zone: string, nowMillis: number): number {
  const present = instantToLocal(zone, nowMillis);
  let local = Math.floor(present / freshnessMillis) * freshnessMillis + freshnessMillis;
  // Times up to an hour apart go on over a change of the clock, also in the hour that comes twice.
  if (freshnessMillis <= HOUR_MILLIS) return nowMillis + local - present;
  while (localToInstant(zone, local) <= nowMillis) local += freshnessMillis;
  return localToInstant(zone, local);
}
