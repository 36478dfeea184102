import { SqlError } from "../base/errors.ts";
import { invalidOption, OptionReader } from "../base/options.ts";
import type { ConnectorOption } from "./api.ts";

/** Options of tables that can be looked up, as Flink names them. */
export const LOOKUP_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "lookup.cache",
    type: ["NONE", "PARTIAL", "FULL"],
    default: "NONE",
    summary: "Lookup joins: keep no answers, those to some keys, or the whole table in memory.",
  },
  {
    name: "lookup.partial-cache.max-rows",
    type: "int",
    summary: "PARTIAL: keys kept at most; the least used go first.",
  },
  {
    name: "lookup.partial-cache.expire-after-write",
    type: "duration",
    summary: "PARTIAL: an answer is good for this long.",
  },
  {
    name: "lookup.partial-cache.expire-after-access",
    type: "duration",
    summary: "PARTIAL: an answer that nobody has used for this long goes.",
  },
  {
    name: "lookup.partial-cache.cache-missing-key",
    type: "boolean",
    default: "true",
    summary: "PARTIAL: that a key has no rows is kept too.",
  },
  {
    name: "lookup.full-cache.reload-strategy",
    type: ["PERIODIC", "TIMED"],
    default: "PERIODIC",
    summary: "FULL: read again in intervals, or at a time of day.",
  },
  {
    name: "lookup.full-cache.periodic-reload.interval",
    type: "duration",
    summary: "FULL, PERIODIC: time between two readings.",
  },
  {
    name: "lookup.full-cache.periodic-reload.schedule-mode",
    type: ["FIXED_DELAY", "FIXED_RATE"],
    default: "FIXED_DELAY",
    summary: "FULL, PERIODIC: the interval counts from the end of a reading, or from its start.",
  },
  {
    name: "lookup.full-cache.timed-reload.iso-time",
    type: "string",
    summary: "FULL, TIMED: time of day, such as 10:15 (local to the session), 10:15Z or 10:15+07:00.",
  },
  {
    name: "lookup.full-cache.timed-reload.interval-in-days",
    type: "int",
    default: "1",
    summary: "FULL, TIMED: days between two readings.",
  },
  {
    name: "lookup.max-retries",
    type: "int",
    default: "3",
    summary: "How often a look-up that failed is tried again.",
  },
];

/** When a table that is held in memory as a whole is read again. */
export type ReloadSpec =
  | { readonly kind: "periodic"; readonly intervalMillis: number; readonly fixedRate: boolean }
  /** `offsetMinutes`: of the time's zone; undefined: that of the session. */
  | {
      readonly kind: "timed";
      readonly minuteOfDay: number;
      readonly offsetMinutes: number | undefined;
      readonly days: number;
    };

/** What becomes of answers. */
export type LookupCacheSpec =
  | { readonly kind: "none" }
  | {
      readonly kind: "partial";
      readonly maxRows: number | undefined;
      readonly expireAfterWriteMillis: number | undefined;
      readonly expireAfterAccessMillis: number | undefined;
      readonly cacheMissingKey: boolean;
    }
  | { readonly kind: "full"; readonly reload: ReloadSpec };

/** The cache that the options of a table ask for. Throws OPTION_MISSING or OPTION_INVALID where they do not fit together. */
export function lookupCache(values: Readonly<Record<string, string>>): LookupCacheSpec {
  const options = new OptionReader(values, LOOKUP_OPTIONS);
  const kind = options.word("lookup.cache");
  if (kind === "FULL") return { kind: "full", reload: reloadOf(options) };
  if (kind !== "PARTIAL") return { kind: "none" };
  const partial = {
    maxRows: options.integer("lookup.partial-cache.max-rows"),
    expireAfterWriteMillis: options.millis("lookup.partial-cache.expire-after-write"),
    expireAfterAccessMillis: options.millis("lookup.partial-cache.expire-after-access"),
  };
  if (Object.values(partial).every((limit) => limit === undefined)) {
    throw new SqlError("OPTION_MISSING", "'lookup.cache' = 'PARTIAL' needs a limit", {
      hint: "set 'lookup.partial-cache.max-rows', 'lookup.partial-cache.expire-after-write' or 'lookup.partial-cache.expire-after-access'",
    });
  }
  return {
    kind: "partial",
    ...partial,
    cacheMissingKey: options.boolean("lookup.partial-cache.cache-missing-key") ?? true,
  };
}

/** `lookup.max-retries` */
export function lookupRetries(values: Readonly<Record<string, string>>): number {
  return new OptionReader(values, LOOKUP_OPTIONS).integer("lookup.max-retries") ?? 3;
}

function reloadOf(options: OptionReader): ReloadSpec {
  if (options.word("lookup.full-cache.reload-strategy") !== "TIMED") {
    const intervalMillis = options.millis("lookup.full-cache.periodic-reload.interval");
    if (intervalMillis === undefined) {
      throw new SqlError(
        "OPTION_MISSING",
        "'lookup.cache' = 'FULL' needs the option 'lookup.full-cache.periodic-reload.interval'",
      );
    }
    const fixedRate = options.word("lookup.full-cache.periodic-reload.schedule-mode") === "FIXED_RATE";
    return { kind: "periodic", intervalMillis, fixedRate };
  }
  const name = "lookup.full-cache.timed-reload.iso-time";
  const text = options.required(name).trim();
  const match = /^(\d{1,2}):(\d{2})(?::\d{2})?(Z|[+-]\d{2}(?::?\d{2})?)?$/.exec(text);
  if (match === null || Number(match[1]) > 23 || Number(match[2]) > 59)
    throw invalidOption(name, text, "a time of day such as '10:15', '10:15Z' or '10:15+07:00'");
  return {
    kind: "timed",
    minuteOfDay: Number(match[1]) * 60 + Number(match[2]),
    offsetMinutes: match[3] === undefined ? undefined : offsetOf(match[3]),
    days: options.integer("lookup.full-cache.timed-reload.interval-in-days") ?? 1,
  };
}

function offsetOf(zone: string): number {
  if (zone === "Z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(":", "") || 0));
}
