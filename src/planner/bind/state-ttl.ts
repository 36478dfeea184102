import { parseDurationMillis } from "../../base/duration.ts";
import { SqlError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { Hint } from "../../parser/index.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import type { Scope } from "./scope.ts";

/** Times to live of state by the name of a table of FROM; as STATE_TTL gives them. */
export type StateTtl = ReadonlyMap<string, number>;

/** What the STATE_TTL hints of a SELECT say; undefined: there are none. Of several for one table the first counts. */
export function stateTtlOf(hints: readonly Hint[]): StateTtl | undefined {
  const own = hints.filter((hint) => hint.name === "STATE_TTL");
  if (own.length === 0) return undefined;
  const ttl = new Map<string, number>();
  for (const { pairs, span } of own) {
    if (pairs.length === 0) {
      throw new SqlError(
        "INVALID_QUERY",
        "Invalid STATE_TTL hint, expecting at least one key-value options specified.",
        {
          span,
        },
      );
    }
    for (const { key, value } of pairs) {
      if (value === "") {
        throw new SqlError("INVALID_QUERY", "Invalid list options in STATE_TTL hint, only support key-value options.", {
          span,
          hint: `STATE_TTL('${key}' = '1d')`,
        });
      }
      const millis = parseDurationMillis(value);
      if (millis === undefined) {
        throw new SqlError("INVALID_QUERY", `Invalid STATE_TTL hint value: '${value}' is no duration`, {
          span,
          hint: `STATE_TTL('${key}' = '1d')`,
        });
      }
      if (!ttl.has(key)) ttl.set(key, millis);
    }
  }
  return ttl;
}

/** Throws INVALID_QUERY when a hint names a table that the FROM does not have. */
export function checkHintNames(hints: readonly Hint[], scope: Scope): void {
  const names = scope.tables.flatMap((t) => (t.name.length === 0 ? [] : [t.name.at(-1) as string]));
  for (const { name, pairs, span } of hints) {
    if (name === "OPTIONS") continue;
    const unknown = pairs.find(({ key }) => !names.includes(key.split(".").at(-1) as string));
    if (unknown === undefined) continue;
    throw new SqlError(
      "INVALID_QUERY",
      `The options of following hints cannot match the name of input tables or views: '${unknown.key}' in '${name}'`,
      { span, hint: didYouMean(unknown.key, names) },
    );
  }
}

/** The time to live for a side of a join, or the input of an aggregate: when it is one table of that name. */
export function ttlOfInput(ttl: StateTtl | undefined, scope: Scope): number | undefined {
  const [only, second] = scope.tables;
  return second === undefined && only !== undefined ? ttl?.get(only.name.at(-1) ?? "") : undefined;
}

/** An aggregate with the time to live of its state. */
export function withAggregateTtl(plan: LogicalPlan, millis: number | undefined): LogicalPlan {
  return plan.kind === "Aggregate" && millis !== undefined ? { ...plan, stateTtlMillis: millis } : plan;
}
