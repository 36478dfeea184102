import { must } from "../../base/assert.ts";
import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import { digest } from "../logical/rewrite.ts";
import type { Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { bindGroupWindow, groupWindowName, type GroupWindow } from "./group-window.ts";

/** A GROUP BY clause over the columns of the query. */
export interface Grouping {
  /** Different expressions, in order. */
  readonly keys: readonly Expr[];
  /** Which keys each set has. One set with all keys unless there are GROUPING SETS. */
  readonly sets: readonly (readonly number[])[];
  /** TUMBLE(ts, …) and the like. */
  readonly window: GroupWindow | undefined;
}

export const NO_KEYS: Grouping = { keys: [], sets: [[]], window: undefined };

/** At most this many sets come out of CUBE and of combinations. */
const MAX_SETS = 4096;

/** Binds GROUP BY; `distinct`: sets that come twice count once. Throws INVALID_QUERY for what cannot be grouped by. */
export function bindGroupBy(items: readonly ast.GroupItem[], distinct: boolean, env: Environment): Grouping {
  const keys: Expr[] = [];
  let window: GroupWindow | undefined;
  const keyOf = (node: ast.Expression): readonly number[] => {
    if (node.kind === "RowConstructor") return node.items.flatMap(keyOf);
    if (node.kind === "FunctionCall" && groupWindowName(node) !== undefined) {
      if (window !== undefined && items.some((each) => each.kind !== "GroupExpression")) throw windowInSets(node.span);
      const bound = bindGroupWindow(node, env);
      if (window !== undefined && digest(window) !== digest(bound))
        throw new SqlError("PLANNING", "Only a single window group function may be used in GROUP BY", {
          span: node.span,
        });
      window = bound;
      return [];
    }
    const bound = bindExpression(node, env);
    const key = digest(bound);
    const found = keys.findIndex((k) => digest(k) === key);
    return [found >= 0 ? found : keys.push(bound) - 1];
  };
  const union = (a: readonly number[], b: readonly number[]): readonly number[] => [...new Set([...a, ...b])];
  let sets: readonly (readonly number[])[] = [[]];
  for (const item of items) {
    const alternatives = item.kind === "GroupExpression" ? [keyOf(item.expression)] : groupingSets(item, keyOf);
    sets = sets.flatMap((set) => alternatives.map((more) => union(set, more)));
    if (sets.length > MAX_SETS)
      throw new SqlError("INVALID_QUERY", `More than ${MAX_SETS} grouping sets`, { span: item.span });
  }
  if (distinct) sets = withoutDoubles(sets);
  if (window !== undefined && sets.length > 1) throw windowInSets(must(items[0], "item").span);
  return { keys, sets, window };
}

function withoutDoubles(sets: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const bySet = new Map(sets.map((set) => [set.toSorted((a, b) => a - b).join(), set]));
  return [...bySet.values()];
}

function windowInSets(span: Span): SqlError {
  return new SqlError("PLANNING", "A group window cannot be combined with GROUPING SETS, ROLLUP or CUBE", {
    span,
    hint: "use a window table function such as TUMBLE(TABLE t, …)",
  });
}

function groupingSets(
  item: ast.GroupingSets,
  keyOf: (node: ast.Expression) => readonly number[],
): readonly (readonly number[])[] {
  if (item.type === "GROUPING SETS")
    return item.sets.flatMap((set) => ("kind" in set ? groupingSets(set, keyOf) : [set.flatMap(keyOf)]));
  const elements = item.sets.flatMap((set) => ("kind" in set ? [] : [set.flatMap(keyOf)]));
  switch (item.type) {
    case "ROLLUP":
      return Array.from({ length: elements.length + 1 }, (_, i) => elements.slice(0, elements.length - i).flat());
    case "CUBE": {
      if (elements.length > 12)
        throw new SqlError("INVALID_QUERY", "CUBE of more than 12 elements", { span: item.span });
      // Sets in the order (a, b), (a), (b), ().
      return Array.from({ length: 2 ** elements.length }, (_, i) =>
        elements.filter((_e, k) => (i & (1 << (elements.length - 1 - k))) === 0).flat(),
      );
    }
  }
}
