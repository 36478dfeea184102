import type { Expression } from "./ast/expression.ts";
import type { FrameBound, OrderItem, WindowFrame, WindowSpecNode } from "./ast/query.ts";
import type { Cursor } from "./cursor.ts";

/** `ORDER BY a DESC NULLS LAST, b` */
export function parseOrderBy(c: Cursor): OrderItem[] {
  c.expect("ORDER", "BY");
  return c.commaList(() => parseOrderItem(c));
}

function parseOrderItem(c: Cursor): OrderItem {
  const { start } = c;
  const expression = c.grammar.expression(c);
  const descending = c.accept("DESC");
  if (!descending) c.accept("ASC");
  let nullsFirst: boolean | undefined;
  if (c.accept("NULLS")) nullsFirst = c.expectOne(["FIRST", "LAST"]) === "FIRST";
  return { kind: "OrderItem", span: c.span(start), expression, descending, nullsFirst };
}

/** `(PARTITION BY … ORDER BY … ROWS BETWEEN … AND …)` */
export function parseWindowSpec(c: Cursor): WindowSpecNode {
  const { start } = c;
  c.expectSymbol("(");
  const extendsWindow = c.isIdentifier() && !["PARTITION", "ROWS", "RANGE"].some((word) => c.isWord(word));
  const base = extendsWindow ? c.identifier() : undefined;
  let partitionBy: readonly Expression[] = [];
  if (c.accept("PARTITION", "BY")) partitionBy = c.commaList(() => c.grammar.expression(c));
  const orderBy = c.isWord("ORDER") ? parseOrderBy(c) : [];
  const units = c.acceptOne(["ROWS", "RANGE"]);
  const frame = units === undefined ? undefined : parseFrame(c, units);
  if (c.isWord("EXCLUDE") || c.isWord("ALLOW") || c.isWord("DISALLOW"))
    throw c.unsupported(`${c.token.text} in a window`, c.start);
  c.expectSymbol(")");
  return { kind: "WindowSpec", span: c.span(start), base, partitionBy, orderBy, frame };
}

/** ROWS or RANGE has been taken. */
function parseFrame(c: Cursor, units: WindowFrame["units"]): WindowFrame {
  const start = c.lastEnd - units.length;
  const between = c.accept("BETWEEN");
  const from = parseBound(c);
  if (!between) {
    const span = { start: c.lastEnd, end: c.lastEnd };
    const here: FrameBound = { kind: "FrameBound", span, bound: "CURRENT ROW", offset: undefined };
    const [first, last] = from.bound === "FOLLOWING" ? [here, from] : [from, here];
    return { kind: "WindowFrame", span: c.span(start), units, start: first, end: last };
  }
  c.expect("AND");
  const end = parseBound(c);
  return { kind: "WindowFrame", span: c.span(start), units, start: from, end };
}

function parseBound(c: Cursor): FrameBound {
  const { start } = c;
  const bound = (kind: FrameBound["bound"], offset?: Expression): FrameBound => ({
    kind: "FrameBound",
    span: c.span(start),
    bound: kind,
    offset,
  });
  if (c.accept("CURRENT", "ROW")) return bound("CURRENT ROW");
  if (c.accept("UNBOUNDED", "PRECEDING")) return bound("UNBOUNDED PRECEDING");
  if (c.accept("UNBOUNDED", "FOLLOWING")) return bound("UNBOUNDED FOLLOWING");
  const offset = c.grammar.expression(c);
  const side = c.expectOne(["PRECEDING", "FOLLOWING"]);
  return bound(side, offset);
}
