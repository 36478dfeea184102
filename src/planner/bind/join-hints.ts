import { parseDurationMillis } from "../../base/duration.ts";
import { SqlError } from "../../base/errors.ts";
import type { Hint } from "../../parser/index.ts";
import type { LogicalPlan, LookupHint } from "../logical/algebra.ts";
import type { Scope } from "./scope.ts";

/** Hints that only say how to join: the result is the same without them. */
const STRATEGIES: ReadonlySet<string> = new Set([
  "BROADCAST",
  "SHUFFLE_HASH",
  "SHUFFLE_MERGE",
  "NEST_LOOP",
  "MULTI_JOIN",
]);

/** Throws for a hint that is not known or not well formed; it may stand behind SELECT or behind a table. */
export function checkHint(hint: Hint): void {
  const name = hint.name.toUpperCase();
  if (STRATEGIES.has(name)) {
    if (hint.pairs.length === 0 || hint.pairs.some(({ value }) => value !== undefined))
      throw invalid(hint, `Invalid hint: expecting at least one table or view specified in hint ${name}`);
    return;
  }
  switch (name) {
    case "STATE_TTL":
      checkStateTtl(hint);
      return;
    case "LOOKUP":
      tableOf(hint);
      readLookup(hint);
      return;
    case "OPTIONS":
      if (hint.pairs.length === 0 || hint.pairs.some(({ value }) => value === undefined))
        throw invalid(hint, "Hint [OPTIONS] only support non empty key value options");
      return;
    default:
      throw invalid(
        hint,
        `Hint: ${hint.name} should be registered in the HintStrategyTable`,
        ["OPTIONS", "STATE_TTL", "LOOKUP", ...STRATEGIES].join(", "),
      );
  }
}

/** How long the rows of an input live, by STATE_TTL('alias' = '1 d'); undefined: as the configuration says. */
export function stateTtlMillis(hints: readonly Hint[], input: Scope): number | undefined {
  const name = nameOf(input);
  for (const hint of hints) {
    if (hint.name.toUpperCase() !== "STATE_TTL") continue;
    for (const { key, value } of hint.pairs) {
      if (key === name && value !== undefined) return parseDurationMillis(value);
    }
  }
  return undefined;
}

/** What LOOKUP('table' = 'alias', …) says of how a table is asked. */
export function lookupHint(hints: readonly Hint[], table: Scope): LookupHint | undefined {
  const name = nameOf(table);
  const hint = hints.find((h) => h.name.toUpperCase() === "LOOKUP" && valueOf(h, "table") === name);
  return hint && readLookup(hint);
}

/**
 * Throws unless FROM has every table that the hints of a SELECT name. As in Flink only hints that find their operator are
 * held against FROM: a STATE_TTL without join and aggregate means nothing, whatever it names.
 */
export function checkTableHints(hints: readonly Hint[], scope: Scope, aggregates: boolean): void {
  const names = new Set(scope.tables.map((table) => table.name.at(-1)));
  const joins = scope.tables.length > 1;
  for (const hint of hints) {
    const named = tablesNamed(hint, joins, aggregates);
    const unknown = named.filter((name) => !names.has(name));
    if (unknown.length === 0) continue;
    throw invalid(
      hint,
      `The options of following hints cannot match the name of input tables or views: \`${unknown.join(", ")}\` in \`${hint.name.toUpperCase()}\``,
    );
  }
}

function tablesNamed(hint: Hint, joins: boolean, aggregates: boolean): readonly string[] {
  const name = hint.name.toUpperCase();
  if (name === "STATE_TTL") return joins || aggregates ? hint.pairs.map(({ key }) => key) : [];
  if (!joins) return [];
  if (name === "LOOKUP") return [tableOf(hint)];
  return STRATEGIES.has(name) ? hint.pairs.map(({ key }) => key) : [];
}

function checkStateTtl(hint: Hint): void {
  if (hint.pairs.length === 0)
    throw invalid(hint, "Invalid STATE_TTL hint, expecting at least one key-value options specified.");
  for (const { key, value } of hint.pairs) {
    if (value === undefined)
      throw invalid(
        hint,
        `Invalid list options in STATE_TTL hint, only support key-value options: STATE_TTL('${key}' = '1 d')`,
      );
    if (parseDurationMillis(value) === undefined)
      throw invalid(hint, `Invalid STATE_TTL hint value: '${value}' is no duration such as '1 d'`);
  }
}

/** The aggregate keeps its groups for as long as the hint says. */
export function withStateTtl(plan: LogicalPlan, ttlMillis: number | undefined): LogicalPlan {
  if (ttlMillis === undefined) return plan;
  if (plan.kind === "Aggregate") return { ...plan, ttlMillis };
  if (plan.kind === "Project") return { ...plan, inputs: [withStateTtl(plan.inputs[0], ttlMillis)] };
  return plan;
}

function nameOf(scope: Scope): string | undefined {
  return scope.tables.length === 1 ? scope.tables[0]!.name.at(-1) : undefined;
}

function valueOf(hint: Hint, key: string): string | undefined {
  return hint.pairs.find((pair) => pair.key === key)?.value;
}

function tableOf(hint: Hint): string {
  const table = valueOf(hint, "table");
  if (table === undefined) throw invalid(hint, "Invalid LOOKUP hint: incomplete required option(s): 'table'");
  return table;
}

const LOOKUP_KEYS: Readonly<Record<string, "text" | "boolean" | "count" | "duration" | readonly string[]>> = {
  table: "text",
  async: "boolean",
  "output-mode": ["ordered", "allow_unordered"],
  capacity: "count",
  timeout: "duration",
  "retry-predicate": ["lookup_miss"],
  "retry-strategy": ["fixed_delay"],
  "fixed-delay": "duration",
  "max-attempts": "count",
  shuffle: "boolean",
};
const RETRY_KEYS = ["retry-predicate", "retry-strategy", "fixed-delay", "max-attempts"] as const;

function readLookup(hint: Hint): LookupHint {
  for (const { key, value } of hint.pairs) {
    const kind = LOOKUP_KEYS[key];
    if (kind === undefined)
      throw invalid(hint, `Invalid LOOKUP hint: unsupported options: ${key}`, Object.keys(LOOKUP_KEYS).join(", "));
    if (value === undefined || !fits(value, kind))
      throw invalid(hint, `Invalid LOOKUP hint: '${value ?? ""}' is no value for '${key}'`);
  }
  const given = RETRY_KEYS.filter((key) => valueOf(hint, key) !== undefined);
  if (given.length > 0 && given.length < RETRY_KEYS.length) {
    throw invalid(
      hint,
      `Invalid LOOKUP hint: retry options should be configured completely, missing: ${RETRY_KEYS.filter((key) => !given.includes(key)).join(", ")}`,
    );
  }
  const timeout = valueOf(hint, "timeout");
  return {
    retryMiss:
      given.length === 0
        ? undefined
        : {
            delayMillis: parseDurationMillis(valueOf(hint, "fixed-delay")!)!,
            attempts: Number(valueOf(hint, "max-attempts")),
          },
    timeoutMillis: timeout === undefined ? undefined : parseDurationMillis(timeout),
  };
}

function fits(value: string, kind: (typeof LOOKUP_KEYS)[string]): boolean {
  if (typeof kind !== "string") return kind.includes(value.toLowerCase());
  switch (kind) {
    case "text":
      return true;
    case "boolean":
      return /^(?:true|false)$/i.test(value);
    case "count":
      return /^[1-9]\d*$/.test(value);
    case "duration":
      return parseDurationMillis(value) !== undefined;
  }
}

function invalid(hint: Hint, message: string, supported?: string): SqlError {
  return new SqlError("INVALID_QUERY", message, {
    span: hint.span,
    hint: supported === undefined ? undefined : `supported: ${supported}`,
  });
}
