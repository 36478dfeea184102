import type { Literal } from "./ast/expression.ts";
import type {
  CommonTable,
  GroupingSets,
  GroupItem,
  NamedWindow,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  TableRef,
} from "./ast/query.ts";
import type { Expression } from "./ast/expression.ts";
import type { Cursor } from "./cursor.ts";
import { parseSelectable } from "./expression.ts";
import { parseFrom } from "./from.ts";
import { parseHints } from "./hint.ts";
import { NO_BARE_ALIAS } from "./keywords.ts";
import { walk } from "./walk.ts";
import { parseOrderBy, parseWindowSpec } from "./window-spec.ts";

/** `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …] [FETCH …]`. Throws SYNTAX, TOO_DEEP, UNSUPPORTED. */
export function parseQuery(c: Cursor): Query {
  const outer = c.open();
  const { start } = c;
  const common = c.isWord("WITH") ? parseWith(c) : [];
  const query = parseTail(c, start, common, parseSetOperations(c));
  c.close(outer);
  return query;
}

/** The rest of a query whose first operand, in parentheses, has been read. */
export function parseQueryAfter(c: Cursor, first: QueryBody, start: number): Query {
  return parseTail(c, start, [], parseSetOperations(c, simplified(first), start));
}

function parseWith(c: Cursor): CommonTable[] {
  c.expect("WITH");
  const recursive = c.isWord("RECURSIVE") && c.isIdentifierAhead(1);
  if (recursive) c.take();
  return c.commaList(() => {
    const { start } = c;
    const name = c.identifier("a name for the common table");
    const columns = c.isSymbol("(") ? c.parenthesized(() => c.identifier("a column name")) : [];
    c.expect("AS");
    c.expectSymbol("(");
    const query = c.grammar.query(c);
    if (recursive) refuseRecursion(c, query, name.name);
    c.expectSymbol(")");
    return { kind: "CommonTable", span: c.span(start), name, columns, query };
  });
}

const RECURSION_HINT = "Flink has no plan for recursive queries either: write the steps out, with UNION ALL";

/** WITH RECURSIVE is fine as long as nothing is recursive. */
function refuseRecursion(c: Cursor, query: Query, name: string): void {
  walk(query, (node) => {
    if (node.kind !== "TableRef") return;
    const [first, ...rest] = (node as TableRef).name.parts;
    if (rest.length === 0 && first?.name === name)
      throw c.error("PLANNING", "a recursive query cannot be planned", node.span, RECURSION_HINT);
  });
}

/** `ORDER BY`, `LIMIT`, `OFFSET`, `FETCH` */
function parseTail(c: Cursor, start: number, common: readonly CommonTable[], body: QueryBody): Query {
  const orderBy = c.isWord("ORDER") ? parseOrderBy(c) : [];
  let limit: Expression | undefined;
  let offset: Expression | undefined;
  for (;;) {
    if (limit === undefined && c.accept("LIMIT")) {
      if (!c.accept("ALL")) limit = parseCount(c, "a number of rows or ALL");
    } else if (offset === undefined && c.accept("OFFSET")) {
      offset = parseCount(c, "a number of rows");
      if (!c.accept("ROWS")) c.accept("ROW");
    } else if (limit === undefined && c.accept("FETCH")) {
      c.expectOne(["FIRST", "NEXT"]);
      limit = parseCount(c, "a number of rows");
      c.expectOne(["ROWS", "ROW"]);
      c.expect("ONLY");
    } else {
      break;
    }
  }
  const plain = common.length === 0 && orderBy.length === 0 && limit === undefined && offset === undefined;
  if (plain && body.kind === "Query") return body;
  return { kind: "Query", span: c.span(start), with: common, body, orderBy, limit, offset };
}

function parseCount(c: Cursor, what: string): Literal {
  const { token } = c;
  if (token.kind !== "number" || !/^\d+$/.test(token.text)) throw c.fail(what);
  c.take();
  return { kind: "Literal", span: c.span(token.start), type: "number", text: token.text };
}

/** A query that is nothing but its body is that body. */
function simplified(body: QueryBody): QueryBody {
  if (body.kind !== "Query") return body;
  const plain =
    body.with.length === 0 && body.orderBy.length === 0 && body.limit === undefined && body.offset === undefined;
  return plain ? simplified(body.body) : body;
}

/** UNION and EXCEPT, left to right; INTERSECT binds tighter. */
function parseSetOperations(c: Cursor, first?: QueryBody, firstStart = c.start): QueryBody {
  let left = parseIntersections(c, first, firstStart);
  for (;;) {
    if (c.isWord("MINUS")) throw c.fail("EXCEPT", "MINUS is called EXCEPT");
    const operator = c.acceptOne(["UNION", "EXCEPT"]);
    if (operator === undefined) return left;
    left = parseSetOperation(c, left, firstStart, operator, parseIntersections);
  }
}

function parseIntersections(c: Cursor, first?: QueryBody, firstStart = c.start): QueryBody {
  let left = first ?? parseBody(c);
  while (c.accept("INTERSECT")) left = parseSetOperation(c, left, firstStart, "INTERSECT", parseBody);
  return left;
}

function parseSetOperation(
  c: Cursor,
  left: QueryBody,
  start: number,
  operator: SetOperation["operator"],
  operand: (c: Cursor) => QueryBody,
): SetOperation {
  const all = c.accept("ALL");
  if (!all) c.accept("DISTINCT");
  if (c.isWord("CORRESPONDING")) throw c.unsupported("CORRESPONDING", c.start);
  const right = operand(c);
  c.grow();
  return { kind: "SetOperation", span: c.span(start), operator, all, left, right };
}

function parseBody(c: Cursor): QueryBody {
  const { start } = c;
  if (c.isWord("SELECT")) return parseSelect(c);
  if (c.accept("VALUES")) {
    const rows = c.commaList(() => parseValuesRow(c));
    return { kind: "Values", span: c.span(start), rows };
  }
  if (c.accept("TABLE")) return parseExplicitTable(c, start);
  if (c.acceptSymbol("(")) {
    const query = c.grammar.query(c);
    c.expectSymbol(")");
    return simplified(query);
  }
  throw c.failExpected();
}

/** `(1, 'a')`, `ROW(1, 'a')`, or one value without parentheses. */
function parseValuesRow(c: Cursor): readonly Expression[] {
  const row = c.grammar.expression(c);
  return row.kind === "RowConstructor" && row.items.length > 0 ? row.items : [row];
}

/** `TABLE t` is `SELECT * FROM t`. */
function parseExplicitTable(c: Cursor, start: number): Select {
  const name = c.objectName("a table name");
  const span = c.span(start);
  const star: SelectItem = {
    kind: "SelectItem",
    span: { start, end: start },
    expression: { kind: "Star", span: { start, end: start }, qualifier: [] },
    alias: undefined,
  };
  return {
    kind: "Select",
    span,
    distinct: false,
    hints: [],
    items: [star],
    from: { kind: "TableRef", span: name.span, name, hints: [], asOf: undefined, alias: undefined },
    where: undefined,
    groupBy: undefined,
    groupByDistinct: false,
    having: undefined,
    windows: [],
    qualify: undefined,
  };
}

function parseSelect(c: Cursor): Select {
  const { start } = c;
  c.expect("SELECT");
  const hints = parseHints(c);
  if (c.isWord("STREAM") && (c.isSymbolAhead(1, "*") || c.isIdentifierAhead(1)))
    throw c.unsupported("SELECT STREAM", c.start, "leave STREAM out");
  const distinct = c.accept("DISTINCT");
  if (!distinct) c.accept("ALL");
  const items = c.commaList(() => parseSelectItem(c));
  const from = c.accept("FROM") ? parseFrom(c) : undefined;
  const hasFrom = from !== undefined;
  const where = hasFrom && c.accept("WHERE") ? c.grammar.expression(c) : undefined;
  const grouped = hasFrom && c.accept("GROUP", "BY");
  const groupByDistinct = grouped && c.accept("DISTINCT");
  if (grouped && !groupByDistinct) c.accept("ALL");
  const groupBy = grouped ? c.commaList(() => parseGroupItem(c)).flat() : undefined;
  const having = hasFrom && c.accept("HAVING") ? c.grammar.expression(c) : undefined;
  const windows = hasFrom && c.accept("WINDOW") ? c.commaList(() => parseNamedWindow(c)) : [];
  const qualify = hasFrom && c.accept("QUALIFY") ? c.grammar.expression(c) : undefined;
  return {
    kind: "Select",
    span: c.span(start),
    distinct,
    hints,
    items,
    from,
    where,
    groupBy,
    groupByDistinct,
    having,
    windows,
    qualify,
  };
}

function parseSelectItem(c: Cursor): SelectItem {
  const { start } = c;
  if (c.acceptSymbol("*")) {
    return {
      kind: "SelectItem",
      span: c.span(start),
      expression: { kind: "Star", span: c.span(start), qualifier: [] },
      alias: undefined,
    };
  }
  const expression = parseSelectable(c);
  let alias: SelectItem["alias"];
  if (c.accept("AS")) alias = c.identifier("an alias");
  else if (c.token.kind === "quoted" || (c.isIdentifier() && !NO_BARE_ALIAS.has(c.token.text))) alias = c.identifier();
  if (alias !== undefined && expression.kind === "Star")
    throw c.error("SYNTAX", "'*' cannot have an alias", alias.span);
  return { kind: "SelectItem", span: c.span(start), expression, alias };
}

function parseNamedWindow(c: Cursor): NamedWindow {
  const { start } = c;
  const name = c.identifier("a name for the window");
  c.expect("AS");
  const spec = parseWindowSpec(c);
  return { kind: "NamedWindow", span: c.span(start), name, spec };
}

function parseGroupItem(c: Cursor): GroupItem[] {
  const { start } = c;
  const sets = parseGroupingSets(c);
  if (sets !== undefined) return [sets];
  if (c.isSymbol("(") && c.isSymbolAhead(1, ")"))
    return [{ kind: "GroupingSets", type: "GROUPING SETS", sets: [parseGroupingSet(c)], span: c.span(start) }];
  const expression = c.grammar.expression(c);
  // `GROUP BY (a, b)` is `GROUP BY a, b`; ROW(a, b) is a value.
  const columns = expression.kind === "RowConstructor" && c.source[start] === "(" ? expression.items : [expression];
  return columns.map((column) => ({ kind: "GroupExpression", span: column.span, expression: column }));
}

/** GROUPING SETS (…), ROLLUP (…), CUBE (…); undefined where none begins. Only GROUPING SETS takes others inside. */
function parseGroupingSets(c: Cursor): GroupingSets | undefined {
  const { start } = c;
  if (c.accept("GROUPING", "SETS")) {
    const sets = c.parenthesized(() => parseGroupingSets(c) ?? parseGroupingSet(c));
    return { kind: "GroupingSets", span: c.span(start), type: "GROUPING SETS", sets };
  }
  for (const type of ["ROLLUP", "CUBE"] as const) {
    if (!c.isWord(type) || !c.isSymbolAhead(1, "(")) continue;
    c.take();
    const sets = c.parenthesized(() => parseGroupingSet(c));
    return { kind: "GroupingSets", span: c.span(start), type, sets };
  }
  return undefined;
}

/** `()`, `(a, b)` or `a` */
function parseGroupingSet(c: Cursor): readonly Expression[] {
  const { start } = c;
  if (c.isSymbol("(") && c.isSymbolAhead(1, ")")) {
    c.take();
    c.take();
    return [];
  }
  const expression = c.grammar.expression(c);
  return expression.kind === "RowConstructor" && c.source[start] === "(" ? expression.items : [expression];
}
