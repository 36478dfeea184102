import type { PatternGroup, PatternVariable, RowPattern } from "./ast/query.ts";
import type { Cursor } from "./cursor.ts";

type Quantifier = Pick<PatternGroup, "minimum" | "maximum" | "reluctant">;

const ONCE: Quantifier = { minimum: 1, maximum: 1, reluctant: false };

/** What stands in PATTERN ( … ), up to the closing parenthesis, or to `-}` of an exclusion. */
export function parseRowPattern(c: Cursor): RowPattern {
  const { start } = c;
  const branches = [parseSequence(c)];
  while (c.acceptStray("|")) branches.push(parseSequence(c));
  const [only] = branches;
  return branches.length === 1 && only !== undefined
    ? only
    : { kind: "PatternAlternation", span: c.span(start), branches };
}

/** One after another; parentheses without a quantifier around a sequence mean nothing. */
function parseSequence(c: Cursor): RowPattern {
  const { start } = c;
  const items: RowPattern[] = [];
  do {
    const outer = c.open();
    const item = parseElement(c);
    if (item.kind === "PatternSequence" && item.items.length > 0) items.push(...item.items);
    else items.push(item);
    c.close(outer);
  } while (!isEnd(c));
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { kind: "PatternSequence", span: c.span(start), items };
}

function isEnd(c: Cursor): boolean {
  return c.isSymbol(")") || (c.isSymbol("-") && c.isSymbolAhead(1, "}")) || c.isSymbol(",") || c.isStray("|");
}

function parseElement(c: Cursor): RowPattern {
  const { start } = c;
  refuseAnchor(c);
  if (c.isWord("PERMUTE") && c.isSymbolAhead(1, "(")) {
    c.take();
    c.expectSymbol("(");
    const items = c.commaList(() => parseRowPattern(c));
    c.expectSymbol(")");
    return quantified(c, start, { kind: "PatternPermutation", span: c.span(start), items });
  }
  if (c.isSymbol("{") && c.isSymbolAhead(1, "-")) {
    c.expectSymbol("{");
    c.expectSymbol("-");
    const pattern = parseRowPattern(c);
    c.expectSymbol("-");
    c.expectSymbol("}");
    return quantified(c, start, { kind: "PatternExclusion", span: c.span(start), pattern });
  }
  if (!c.acceptSymbol("(")) {
    const variable = c.identifier("a pattern variable");
    return quantified(c, start, { kind: "PatternVariable", span: c.span(start), variable, ...ONCE });
  }
  const group: RowPattern = c.isSymbol(")")
    ? { kind: "PatternSequence", span: c.span(start), items: [] }
    : parseRowPattern(c);
  c.expectSymbol(")");
  return quantified(c, start, group);
}

/** The pattern with the quantifier that may follow. */
function quantified(c: Cursor, start: number, pattern: RowPattern): RowPattern {
  const quantifier = parseQuantifier(c);
  if (quantifier === undefined) return pattern;
  const span = c.span(start);
  if (pattern.kind === "PatternVariable" && isOnce(pattern)) return { ...pattern, ...quantifier, span };
  return { kind: "PatternGroup", span, pattern, ...quantifier };
}

function isOnce({ minimum, maximum }: PatternVariable): boolean {
  return minimum === 1 && maximum === 1;
}

function parseQuantifier(c: Cursor): Quantifier | undefined {
  const bounds = parseBounds(c);
  return bounds === undefined ? undefined : { ...bounds, reluctant: c.acceptSymbol("?") };
}

function parseBounds(c: Cursor): Omit<Quantifier, "reluctant"> | undefined {
  if (c.acceptSymbol("*")) return { minimum: 0, maximum: undefined };
  if (c.acceptSymbol("+")) return { minimum: 1, maximum: undefined };
  if (c.acceptSymbol("?")) return { minimum: 0, maximum: 1 };
  if (!c.isSymbol("{") || c.isSymbolAhead(1, "-")) return undefined;
  c.expectSymbol("{");
  const minimum = c.isSymbol(",") ? 0 : c.integer("a number of rows");
  let maximum: number | undefined = minimum;
  if (c.acceptSymbol(",")) maximum = c.isSymbol("}") ? undefined : c.integer("a number of rows");
  c.expectSymbol("}");
  return { minimum, maximum };
}

function refuseAnchor(c: Cursor): void {
  if (!c.isStray("^") && !c.isWord("$")) return;
  throw c.error("PLANNING", "The anchors '^' and '$' are not supported in a pattern", {
    start: c.start,
    end: c.ahead(0).end,
  });
}
