import type { Span } from "../base/span.ts";
import type { ColumnRef, Expression, FunctionCall } from "./ast/expression.ts";
import type { ObjectName } from "./ast/node.ts";
import type { FromItem, Join } from "./ast/query.ts";
import type { Cursor } from "./cursor.ts";

/** An unquoted name of one part. */
export function makeName(name: string, span: Span): ObjectName {
  return { kind: "ObjectName", span, parts: [{ kind: "Identifier", span, name, quoted: false }] };
}

/** A word that is an argument but no column: `DAY`, `BOTH`. */
export function makeSymbol(word: string, span: Span): ColumnRef {
  return { kind: "ColumnRef", span, parts: [{ kind: "Identifier", span, name: word, quoted: false }] };
}

/** A plain call that ends at the last token taken. */
export function makeCall(
  c: Cursor,
  start: number,
  name: ObjectName,
  args: readonly Expression[],
  rest: Partial<Pick<FunctionCall, "symbols" | "distinct" | "withinGroup" | "nulls" | "clauses">> = {},
): FunctionCall {
  return {
    kind: "FunctionCall",
    span: c.span(start),
    name,
    args,
    symbols: rest.symbols ?? [],
    distinct: rest.distinct ?? false,
    filter: undefined,
    withinGroup: rest.withinGroup,
    nulls: rest.nulls,
    over: undefined,
    clauses: rest.clauses ?? [],
  };
}

/** `left, right`: all pairs of rows. */
export function makeCrossJoin(left: FromItem, right: FromItem, span: Span): Join {
  const clauses = { natural: false, on: undefined, using: undefined };
  return { kind: "Join", span, type: "CROSS", left, right, ...clauses, comma: true };
}
