import type { Expression } from "./ast/expression.ts";
import type { Identifier } from "./ast/node.ts";
import type {
  FromItem,
  MatchDefinition,
  MatchMeasure,
  MatchRecognize,
  MatchSkip,
  PatternVariable,
  TableAlias,
} from "./ast/query.ts";
import type { Cursor } from "./cursor.ts";
import { parseOrderBy } from "./window-spec.ts";

/** `MATCH_RECOGNIZE ( … )` behind its input; the word is next. `parseAlias` reads what may follow a table. */
export function parseMatchRecognize(
  c: Cursor,
  input: FromItem,
  start: number,
  parseAlias: (c: Cursor) => TableAlias | undefined,
): MatchRecognize {
  c.expect("MATCH_RECOGNIZE");
  c.expectSymbol("(");
  const partitionBy = c.accept("PARTITION", "BY") ? c.commaList(() => c.grammar.expression(c)) : [];
  const orderBy = c.isWord("ORDER") ? parseOrderBy(c) : [];
  const measures = c.accept("MEASURES") ? c.commaList(() => parseMeasure(c)) : [];
  parseRowsPerMatch(c);
  const skip = parseSkip(c);
  c.expect("PATTERN");
  c.expectSymbol("(");
  const pattern = parsePattern(c);
  refuseOperator(c);
  c.expectSymbol(")");
  const within = c.accept("WITHIN") ? c.grammar.expression(c) : undefined;
  if (c.isWord("SUBSET")) throw refused(c, "SUBSET is not supported in MATCH_RECOGNIZE");
  c.expect("DEFINE");
  const define = c.commaList(() => parseDefinition(c));
  c.expectSymbol(")");
  const alias = parseAlias(c);
  return {
    kind: "MatchRecognize",
    span: c.span(start),
    input,
    partitionBy,
    orderBy,
    measures,
    skip,
    pattern,
    within,
    define,
    alias,
  };
}

function parseMeasure(c: Cursor): MatchMeasure {
  const { start } = c;
  const expression = c.grammar.expression(c);
  c.expect("AS");
  const name = c.identifier("the name of the measure");
  return { kind: "MatchMeasure", span: c.span(start), expression, name };
}

function parseDefinition(c: Cursor): MatchDefinition {
  const { start } = c;
  const variable = c.identifier("a pattern variable");
  c.expect("AS");
  const condition: Expression = c.grammar.expression(c);
  return { kind: "MatchDefinition", span: c.span(start), variable, condition };
}

function parseRowsPerMatch(c: Cursor): void {
  if (c.isWords("ALL", "ROWS", "PER", "MATCH"))
    throw refused(c, "All rows per match mode is not supported yet.", 3, "write ONE ROW PER MATCH");
  c.accept("ONE", "ROW", "PER", "MATCH");
}

function parseSkip(c: Cursor): MatchSkip {
  const { start } = c;
  const skip = (to: MatchSkip["to"], variable?: Identifier): MatchSkip => ({
    kind: "MatchSkip",
    span: c.span(start),
    to,
    variable,
  });
  // Without a clause Flink goes on at the next row, whatever its documentation says.
  if (!c.accept("AFTER", "MATCH", "SKIP")) return skip("NEXT ROW");
  if (c.accept("PAST", "LAST", "ROW")) return skip("PAST LAST ROW");
  c.expect("TO");
  if (c.accept("NEXT", "ROW")) return skip("NEXT ROW");
  // FIRST and LAST may be the names of variables.
  for (const to of ["FIRST", "LAST"] as const) {
    if (c.isWord(to) && c.isIdentifierAhead(1) && !c.isWordAhead(1, "PATTERN")) {
      c.take();
      return skip(to, c.identifier("a pattern variable"));
    }
  }
  return skip("LAST", c.identifier("FIRST, LAST or a pattern variable"));
}

/** The variables one after another; parentheses without a quantifier mean nothing. */
function parsePattern(c: Cursor): PatternVariable[] {
  const variables: PatternVariable[] = [];
  do {
    const outer = c.open();
    variables.push(...parseElement(c));
    c.close(outer);
  } while (!c.isSymbol(")") && !isOperator(c));
  return variables;
}

function parseElement(c: Cursor): readonly PatternVariable[] {
  const { start } = c;
  refuseOperator(c);
  if (c.isWord("PERMUTE") && c.isSymbolAhead(1, "("))
    throw refused(c, "Expression not supported: PERMUTE. Currently, CEP doesn't support PERMUTE patterns.");
  if (c.isSymbol("{") && c.isSymbolAhead(1, "-")) {
    throw refused(c, "Expression not supported: '{-' '-}'. Currently, CEP doesn't support '{-' '-}' patterns.");
  }
  if (!c.acceptSymbol("(")) {
    const variable = c.identifier("a pattern variable");
    return [quantified(c, start, { variable, minimum: 1, maximum: 1, reluctant: false })];
  }
  const group = parsePattern(c);
  refuseOperator(c);
  c.expectSymbol(")");
  if (!isQuantifier(c)) return group;
  const [only] = group;
  const plain = group.length === 1 && only !== undefined && only.minimum === 1 && only.maximum === 1;
  if (!plain)
    throw refused(c, "Expression not supported: a group with a quantifier. Group patterns are not supported yet.");
  return [quantified(c, start, only)];
}

function isQuantifier(c: Cursor): boolean {
  return ["*", "+", "?"].some((symbol) => c.isSymbol(symbol)) || (c.isSymbol("{") && !c.isSymbolAhead(1, "-"));
}

/** The variable with the quantifier that may follow. */
function quantified(
  c: Cursor,
  start: number,
  { variable, minimum, maximum }: Pick<PatternVariable, "variable" | "minimum" | "maximum" | "reluctant">,
): PatternVariable {
  const node = (from: number, to: number | undefined): PatternVariable => {
    const reluctant = c.acceptSymbol("?");
    return { kind: "PatternVariable", span: c.span(start), variable, minimum: from, maximum: to, reluctant };
  };
  if (!isQuantifier(c)) {
    return { kind: "PatternVariable", span: c.span(start), variable, minimum, maximum, reluctant: false };
  }
  if (c.acceptSymbol("*")) return node(0, undefined);
  if (c.acceptSymbol("+")) return node(1, undefined);
  if (c.acceptSymbol("?")) return node(0, 1);
  c.expectSymbol("{");
  const from = c.isSymbol(",") ? 0 : c.integer("a number of rows");
  let to: number | undefined = from;
  if (c.acceptSymbol(",")) to = c.isSymbol("}") ? undefined : c.integer("a number of rows");
  c.expectSymbol("}");
  return node(from, to);
}

/** `|`, `^` and `$` have no meaning elsewhere and are no tokens. */
function isOperator(c: Cursor): boolean {
  return c.token.kind === "error" && "|^$".includes(c.source[c.start] ?? " ");
}

function refuseOperator(c: Cursor): void {
  if (!isOperator(c)) return;
  if (c.source[c.start] === "|")
    throw refused(c, "Expression not supported: '|'. Currently, CEP doesn't support branching patterns.");
  throw refused(c, "The anchors '^' and '$' are not supported in a pattern");
}

/** A PLANNING error, as Flink gives it, at the tokens from here on. */
function refused(c: Cursor, message: string, last = 0, hint?: string): Error {
  return c.error("PLANNING", message, { start: c.start, end: c.ahead(last).end }, hint);
}
