import { MILLIS_PER_DAY, daysFromCivil, millisOfTimestamp } from "./datetime.ts";

/**
 * Rules of one time zone. A wall-clock time in a gap moves forward by the gap; one that exists twice is the earlier
 * instant (as in Java).
 */
export interface ZoneRules {
  readonly zone: string;
  /** Milliseconds east of UTC at an instant. */
  offsetMillisAt(epochMillis: number): number;
  /** The instant of a wall-clock time (milliseconds as if UTC). */
  localToInstant(localMillis: number): number;
  /** The wall-clock time (milliseconds as if UTC) of an instant. */
  instantToLocal(epochMillis: number): number;
}

/** The rules of a zone: an IANA name, `UTC`, or a fixed offset (`GMT+08:00`, `UTC-3`, `+05:30`). `undefined`: unknown. */
export function zoneRules(zone: string): ZoneRules | undefined {
  const known = CACHE.get(zone);
  if (known !== undefined) return known;
  const fixed = fixedOffset(zone);
  const rules = fixed !== undefined ? fixedRules(zone, fixed) : tableRules(zone);
  if (rules !== undefined) CACHE.set(zone, rules);
  return rules;
}

/** True when the zone is known. */
export function isValidZone(zone: string): boolean {
  return zoneRules(zone) !== undefined;
}

/** Names that Java has for the time zones of the United States and others, but not as those of a session. */
const SHORT_NAMES = /^(?!(?:CET|EET|GMT|MET|PRC|ROK|UCT|UTC|WET)$)[A-Z]{1,3}$/;

/**
 * True when a session may have the zone: a region by its exact name, UTC, or GMT with an offset. Others are refused as in
 * Flink, because `java.util.TimeZone` would take them for GMT.
 */
export function isSessionZone(zone: string): boolean {
  // Intl costs a start 15 ms, which most scripts are spared.
  if (zone === "UTC") return true;
  if (/^GMT[+-](?:\d{1,2}|\d{2}:?\d{2})$/.test(zone)) return isValidZone(zone);
  if (/^(?:UTC?|GMT)?[+-]/.test(zone) || SHORT_NAMES.test(zone) || !isValidZone(zone)) return false;
  // Intl also takes names in other letters; those that it knows by another name cannot be told.
  const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions();
  return timeZone === zone || timeZone.toLowerCase() !== zone.toLowerCase();
}

/** The zone that the option `table.local-time-zone` names: `default` is that of the machine. */
export function sessionZone(option: string | undefined): string {
  return option === "default" ? new Intl.DateTimeFormat().resolvedOptions().timeZone : (option ?? "UTC");
}

/** Milliseconds east of UTC at an instant. An unknown zone counts as UTC; check names with `isValidZone`. */
export function offsetMillisAt(zone: string, epochMillis: number): number {
  return zone === "UTC" ? 0 : (zoneRules(zone)?.offsetMillisAt(epochMillis) ?? 0);
}

/** The instant of a wall-clock time in a zone. */
export function localToInstant(zone: string, localMillis: number): number {
  return zone === "UTC" ? localMillis : (zoneRules(zone)?.localToInstant(localMillis) ?? localMillis);
}

/** The wall-clock time of an instant in a zone. */
export function instantToLocal(zone: string, epochMillis: number): number {
  return zone === "UTC" ? epochMillis : epochMillis + offsetMillisAt(zone, epochMillis);
}

/** The instant of a wall-clock timestamp, both in the same Value form. */
export function timestampToInstant(zone: string, local: number | bigint): number | bigint {
  if (typeof local === "number") return localToInstant(zone, local);
  const millis = millisOfTimestamp(local);
  return local + BigInt(localToInstant(zone, millis) - millis) * 1_000_000n;
}

/** The wall-clock timestamp of an instant, both in the same Value form. */
export function timestampFromInstant(zone: string, instant: number | bigint): number | bigint {
  if (typeof instant === "number") return instantToLocal(zone, instant);
  return instant + BigInt(offsetMillisAt(zone, millisOfTimestamp(instant))) * 1_000_000n;
}

/** Zones are immutable, so that their rules are made once per process. */
const CACHE = new Map<string, ZoneRules>();

function fixedOffset(zone: string): number | undefined {
  if (zone === "Z" || zone === "UTC" || zone === "GMT" || zone === "UT") return 0;
  const match = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/.exec(zone);
  if (match === null) return undefined;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  if (Number(match[3] ?? 0) > 59 || Number(match[4] ?? 0) > 59 || seconds > 18 * 3600) return undefined;
  return (match[1] === "-" ? -seconds : seconds) * 1000;
}

function fixedRules(zone: string, offset: number): ZoneRules {
  return {
    zone,
    offsetMillisAt: () => offset,
    localToInstant: (localMillis) => localMillis - offset,
    instantToLocal: (epochMillis) => epochMillis + offset,
  };
}

/** A zone's table is made chunk by chunk as times are asked for; most jobs see one or two years. */
const CHUNK = 365 * MILLIS_PER_DAY;
/** Shorter than any period between two changes of a zone. */
const STEP = 7 * MILLIS_PER_DAY;

/** Periods of one chunk: period i begins at `starts[i]` and ends before `starts[i + 1]`. */
interface Periods {
  readonly starts: readonly number[];
  readonly offsets: readonly number[];
}

function tableRules(zone: string): ZoneRules | undefined {
  const ask = intlOffset(zone);
  if (ask === undefined) return undefined;
  const chunks = new Map<number, Periods>();
  // Neighbouring rows have neighbouring times: the period that answered last is tried first.
  let lastStart = 0;
  let lastEnd = 0;
  let lastOffset = 0;
  const offsetMillisAt = (epochMillis: number): number => {
    if (epochMillis >= lastStart && epochMillis < lastEnd) return lastOffset;
    const index = Math.floor(epochMillis / CHUNK);
    let periods = chunks.get(index);
    if (periods === undefined) {
      periods = periodsBetween(ask, index * CHUNK, (index + 1) * CHUNK);
      chunks.set(index, periods);
    }
    const { starts, offsets } = periods;
    let i = 0;
    while (starts[i + 1]! <= epochMillis) i += 1;
    lastStart = starts[i]!;
    lastEnd = starts[i + 1]!;
    lastOffset = offsets[i]!;
    return lastOffset;
  };
  return {
    zone,
    offsetMillisAt,
    localToInstant: (localMillis) => {
      const before = offsetMillisAt(localMillis - MILLIS_PER_DAY);
      if (offsetMillisAt(localMillis - before) === before) return localMillis - before;
      const after = offsetMillisAt(localMillis + MILLIS_PER_DAY);
      if (offsetMillisAt(localMillis - after) === after) return localMillis - after;
      return localMillis - before;
    },
    instantToLocal: (epochMillis) => epochMillis + offsetMillisAt(epochMillis),
  };
}

function periodsBetween(ask: (epochMillis: number) => number, start: number, end: number): Periods {
  const starts = [start];
  const offsets = [ask(start)];
  let previous = offsets[0]!;
  for (let from = start; from < end; from += STEP) {
    const to = Math.min(from + STEP, end - 1000);
    const offset = ask(to);
    if (offset === previous) continue;
    // Whole seconds: no zone changes within one.
    let low = from / 1000;
    let high = to / 1000;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (ask(middle * 1000) === previous) low = middle + 1;
      else high = middle;
    }
    starts.push(low * 1000);
    offsets.push(offset);
    previous = offset;
  }
  starts.push(end);
  return { starts, offsets };
}

function intlOffset(zone: string): ((epochMillis: number) => number) | undefined {
  const format = dateTimeFormat(zone);
  if (format === undefined) return undefined;
  return (epochMillis) => {
    const part: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(epochMillis)) part[type] = value;
    const year = part["era"] === "BC" ? 1 - Number(part["year"]) : Number(part["year"]);
    const days = daysFromCivil(year, Number(part["month"]), Number(part["day"]));
    const seconds = Number(part["hour"]) * 3600 + Number(part["minute"]) * 60 + Number(part["second"]);
    return days * MILLIS_PER_DAY + seconds * 1000 - Math.floor(epochMillis / 1000) * 1000;
  };
}

function dateTimeFormat(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
}
