import type { ReloadSpec } from "../../connectors/lookup-options.ts";
import { instantToLocal, localToInstant } from "../../types/timezone.ts";

const DAY_MILLIS = 86_400_000;
const MINUTE_MILLIS = 60_000;

/** When a table that was read from `startedMillis` to `endedMillis` is read again. `zone`: of the session. */
export function nextReload(spec: ReloadSpec, startedMillis: number, endedMillis: number, zone: string): number {
  if (spec.kind === "periodic") return (spec.fixedRate ? startedMillis : endedMillis) + spec.intervalMillis;
  const { offsetMinutes } = spec;
  const toLocal = (instant: number): number =>
    offsetMinutes === undefined ? instantToLocal(zone, instant) : instant + offsetMinutes * MINUTE_MILLIS;
  const toInstant = (local: number): number =>
    offsetMinutes === undefined ? localToInstant(zone, local) : local - offsetMinutes * MINUTE_MILLIS;
  const local = toLocal(startedMillis);
  const today = Math.floor(local / DAY_MILLIS) * DAY_MILLIS + spec.minuteOfDay * MINUTE_MILLIS;
  // The first reading may come at any time of day; the next is at the next such time, from then on every so many days.
  const atTime = local >= today && local < today + MINUTE_MILLIS;
  if (atTime) return toInstant(today + spec.days * DAY_MILLIS);
  return toInstant(local < today ? today : today + DAY_MILLIS);
}
