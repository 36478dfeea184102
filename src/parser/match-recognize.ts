import type { Expression } from "./ast/expression.ts";
import type { Identifier } from "./ast/node.ts";
import type {
  FromItem,
  MatchDefinition,
  MatchMeasure,
  MatchRecognize,
  MatchSkip,
  MatchSubset,
  TableAlias,
} from "./ast/query.ts";
import type { Cursor } from "./cursor.ts";
import { parseRowPattern } from "./row-pattern.ts";
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
  const allRows = parseRowsPerMatch(c);
  const skip = parseSkip(c);
  c.expect("PATTERN");
  c.expectSymbol("(");
  const pattern = parseRowPattern(c);
  c.expectSymbol(")");
  const within = c.accept("WITHIN") ? c.grammar.expression(c) : undefined;
  const subsets = c.accept("SUBSET") ? c.commaList(() => parseSubset(c)) : [];
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
    allRows,
    skip,
    pattern,
    within,
    subsets,
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

function parseSubset(c: Cursor): MatchSubset {
  const { start } = c;
  const name = c.identifier("the name of a subset");
  c.expectSymbol("=");
  c.expectSymbol("(");
  const variables = c.commaList(() => c.identifier("a pattern variable"));
  c.expectSymbol(")");
  return { kind: "MatchSubset", span: c.span(start), name, variables };
}

function parseRowsPerMatch(c: Cursor): MatchRecognize["allRows"] {
  if (!c.accept("ALL", "ROWS", "PER", "MATCH")) {
    c.accept("ONE", "ROW", "PER", "MATCH");
    return undefined;
  }
  if (c.accept("OMIT", "EMPTY", "MATCHES")) return "OMIT EMPTY MATCHES";
  if (c.accept("WITH", "UNMATCHED", "ROWS")) return "WITH UNMATCHED ROWS";
  c.accept("SHOW", "EMPTY", "MATCHES");
  return "SHOW EMPTY MATCHES";
}

function parseSkip(c: Cursor): MatchSkip | undefined {
  const { start } = c;
  const skip = (to: MatchSkip["to"], variable?: Identifier): MatchSkip => ({
    kind: "MatchSkip",
    span: c.span(start),
    to,
    variable,
  });
  if (!c.accept("AFTER", "MATCH", "SKIP")) return undefined;
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
