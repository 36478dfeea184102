import type { Expression } from "./ast/expression.ts";
import type { ObjectName } from "./ast/node.ts";
import type { FromItem, Join, Query, TableAlias, TableFunction } from "./ast/query.ts";
import { parseArgument } from "./call.ts";
import type { Cursor } from "./cursor.ts";
import { parseHints } from "./hint.ts";
import { NO_BARE_ALIAS } from "./keywords.ts";
import { makeCrossJoin } from "./make.ts";
import { parseMatchRecognize } from "./match-recognize.ts";
import { parseOrderBy } from "./window-spec.ts";

/** Everything after FROM: a comma binds looser than the joins. */
export function parseFrom(c: Cursor): FromItem {
  const { start } = c;
  let left = parseJoins(c);
  while (c.acceptSymbol(",")) {
    const right = parseJoins(c);
    left = makeCrossJoin(left, right, c.span(start));
    c.grow();
  }
  return left;
}

function parseJoins(c: Cursor): FromItem {
  const outer = c.open();
  const { start } = c;
  let left = parseItem(c);
  for (;;) {
    const join = parseJoin(c, left, start);
    if (join === undefined) break;
    left = join;
    c.grow();
  }
  c.close(outer);
  return left;
}

function parseJoin(c: Cursor, left: FromItem, start: number): Join | undefined {
  const natural = c.accept("NATURAL");
  const type = parseJoinType(c);
  if (type === undefined) {
    if (natural) throw c.failExpected();
    return undefined;
  }
  const right = parseItem(c);
  if (type === "CROSS" || natural) {
    return { kind: "Join", span: c.span(start), type, natural, left, right, on: undefined, using: undefined };
  }
  if (c.accept("ON")) {
    const on = c.grammar.expression(c);
    return { kind: "Join", span: c.span(start), type, natural, left, right, on, using: undefined };
  }
  if (!c.accept("USING")) throw c.failExpected();
  const using = c.parenthesized(() => c.identifier("a column name"));
  return { kind: "Join", span: c.span(start), type, natural, left, right, on: undefined, using };
}

/** `JOIN`, `LEFT OUTER JOIN`, … are taken; undefined when there is none. */
function parseJoinType(c: Cursor): Join["type"] | undefined {
  if (c.accept("JOIN")) return "INNER";
  if (c.accept("INNER")) {
    c.expect("JOIN");
    return "INNER";
  }
  if (c.accept("CROSS")) {
    if (c.isWord("APPLY")) throw c.fail("JOIN", "use CROSS JOIN LATERAL");
    c.expect("JOIN");
    return "CROSS";
  }
  for (const side of ["LEFT", "RIGHT", "FULL"] as const) {
    if (!c.accept(side)) continue;
    if (c.isWord("SEMI") || c.isWord("ANTI"))
      throw c.fail("JOIN", c.isWord("SEMI") ? "use EXISTS or IN" : "use NOT EXISTS");
    c.accept("OUTER");
    c.expect("JOIN");
    return side;
  }
  if (c.isWord("OUTER") && c.isWordAhead(1, "APPLY")) throw c.fail("a join", "use LEFT JOIN LATERAL … ON TRUE");
  if (c.isWord("ASOF")) throw c.unsupported("ASOF JOIN", c.start, "use FOR SYSTEM_TIME AS OF");
  return undefined;
}

function parseItem(c: Cursor): FromItem {
  const { start } = c;
  let item = parseInput(c);
  while (c.isWord("MATCH_RECOGNIZE")) {
    item = parseMatchRecognize(c, item, start, parseAliasOrRefuse);
    c.grow();
  }
  return item;
}

/** A table, a query or a function, without a MATCH_RECOGNIZE behind it. */
function parseInput(c: Cursor): FromItem {
  const { start } = c;
  const lateral = c.accept("LATERAL");
  if (c.isWord("UNNEST")) return parseUnnest(c, start);
  if (c.isWord("TABLE") && c.isSymbolAhead(1, "(")) {
    c.take();
    c.expectSymbol("(");
    const name = c.objectName("a table function");
    if (!c.isSymbol("(")) throw c.failExpected(["'('"]);
    return parseTableFunction(c, name, start, lateral, true);
  }
  if (c.isSymbol("(")) return parseParenthesized(c, start, lateral);
  const name = c.objectName("a table");
  if (c.isSymbol("(")) return parseTableFunction(c, name, start, lateral, false);
  if (lateral) throw c.error("SYNTAX", "LATERAL needs a query in parentheses or a table function", c.span(start));
  const hints = parseHints(c);
  let asOf: Expression | undefined;
  if (c.accept("FOR")) {
    c.expect("SYSTEM_TIME", "AS", "OF");
    asOf = c.grammar.expression(c);
  }
  const alias = parseAliasOrRefuse(c);
  return { kind: "TableRef", span: c.span(start), name, hints, asOf, alias };
}

/** `UNNEST(x) [WITH ORDINALITY]` */
function parseUnnest(c: Cursor, start: number): FromItem {
  c.expect("UNNEST");
  c.expectSymbol("(");
  const operand = c.grammar.expression(c);
  if (c.isSymbol(",")) throw c.unsupported("UNNEST of several values", start);
  c.expectSymbol(")");
  const withOrdinality = c.accept("WITH", "ORDINALITY");
  const alias = parseAliasOrRefuse(c);
  return { kind: "Unnest", span: c.span(start), operand, withOrdinality, alias };
}

/** `(query)`, `(a JOIN b ON …)`, `((SELECT …) UNION …)` */
function parseParenthesized(c: Cursor, start: number, lateral: boolean): FromItem {
  c.expectSymbol("(");
  let query: Query | undefined;
  if (["SELECT", "WITH", "VALUES"].some((word) => c.isWord(word)) || (c.isWord("TABLE") && !c.isSymbolAhead(1, "("))) {
    query = c.grammar.query(c);
  } else {
    const item = parseFromOrQuery(c);
    if (item.kind === "Query") {
      query = item;
    } else {
      c.expectSymbol(")");
      if (lateral) throw c.error("SYNTAX", "LATERAL needs a query in parentheses or a table function", c.span(start));
      if (item.kind === "Join" || item.alias !== undefined) return item;
      const alias = parseAliasOrRefuse(c);
      return alias === undefined ? item : { ...item, span: c.span(start), alias };
    }
  }
  c.expectSymbol(")");
  const alias = parseAliasOrRefuse(c);
  return { kind: "DerivedTable", span: c.span(start), query, lateral, alias };
}

/** What is in a parenthesis that does not start with SELECT: tables, or a query that itself starts with a parenthesis. */
function parseFromOrQuery(c: Cursor): FromItem | Query {
  const { start } = c;
  const outer = c.open();
  let result: FromItem | Query;
  if (c.isSymbol("(")) {
    const first = parseItem(c);
    const isQuery = first.kind === "DerivedTable" && first.alias === undefined;
    if (
      isQuery &&
      (c.isSymbol(")") ||
        ["UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH"].some((word) => c.isWord(word)))
    ) {
      result = c.grammar.queryAfter(c, first.query, start);
    } else {
      result = parseRest(c, first, start);
    }
  } else {
    result = parseFrom(c);
  }
  c.close(outer);
  return result;
}

/** Joins and commas after the first item. */
function parseRest(c: Cursor, first: FromItem, start: number): FromItem {
  let left = first;
  for (;;) {
    const join = parseJoin(c, left, start);
    if (join !== undefined) left = join;
    else if (c.acceptSymbol(",")) {
      const right = parseJoins(c);
      left = {
        kind: "Join",
        span: c.span(start),
        type: "CROSS",
        natural: false,
        left,
        right,
        on: undefined,
        using: undefined,
      };
    } else return left;
    c.grow();
  }
}

/** The arguments of a table function; its name has been taken. `wrapped`: it stands in `TABLE( … )`. */
function parseTableFunction(
  c: Cursor,
  name: ObjectName,
  start: number,
  lateral: boolean,
  wrapped: boolean,
): TableFunction {
  c.expectSymbol("(");
  const args = c.isSymbol(")")
    ? []
    : c.commaList(() => parseArgument(c, lateral ? c.grammar.expression : parseTableOrValue));
  c.expectSymbol(")");
  if (wrapped) c.expectSymbol(")");
  const alias = parseAliasOrRefuse(c);
  return { kind: "TableFunction", span: c.span(start), name, args, lateral, alias };
}

/** `TABLE t [PARTITION BY …] [ORDER BY …]`, `(query) [PARTITION BY …]`, or an expression. */
function parseTableOrValue(c: Cursor): Expression {
  const { start } = c;
  let table: ObjectName | Query;
  if (c.isWord("TABLE") && c.isIdentifierAhead(1)) {
    c.take();
    table = c.objectName("a table name");
  } else if (c.isWord("MODEL") && c.isIdentifierAhead(1)) {
    throw c.unsupported("a MODEL argument", start);
  } else {
    const value = c.grammar.expression(c);
    if (value.kind !== "SubQuery") return value;
    table = value.query;
  }
  let partitionBy: readonly Expression[] = [];
  if (c.accept("PARTITION", "BY")) {
    const { start: keyStart } = c;
    const key = c.grammar.expression(c);
    partitionBy = key.kind === "RowConstructor" && c.source[keyStart] === "(" ? key.items : [key];
  }
  const orderBy = c.isWord("ORDER") ? parseOrderBy(c) : [];
  return { kind: "TableArgument", span: c.span(start), table, partitionBy, orderBy };
}

/** An alias, if there is one; what may stand after a table but is not supported is refused by name. */
function parseAliasOrRefuse(c: Cursor): TableAlias | undefined {
  refuseClauses(c);
  const alias = parseAlias(c);
  refuseClauses(c);
  return alias;
}

function refuseClauses(c: Cursor): void {
  if (c.isWord("TABLESAMPLE")) throw c.unsupported(c.token.text, c.start);
  if ((c.isWord("PIVOT") || c.isWord("UNPIVOT")) && c.isSymbolAhead(1, "(")) throw c.unsupported(c.token.text, c.start);
}

function parseAlias(c: Cursor): TableAlias | undefined {
  const { start } = c;
  if (!c.accept("AS") && !(c.token.kind === "quoted" || (c.isIdentifier() && !NO_BARE_ALIAS.has(c.token.text))))
    return undefined;
  const name = c.identifier("an alias");
  const columns = c.isSymbol("(") ? c.parenthesized(() => c.identifier("a column name")) : [];
  return { kind: "TableAlias", span: c.span(start), name, columns };
}
