import type { Binary, Expression, InList, InQuery, Is, Like, Quantified } from "./ast/expression.ts";
import type { Cursor } from "./cursor.ts";
import { POWER } from "./power.ts";
import { parsePrimary } from "./primary.ts";

/** Chains of AND or OR longer than this become a balanced tree, so that generated filters do not get too deep. */
const BALANCE_FROM = 64;

const BINARY_POWER: Readonly<Record<string, number>> = {
  "=": POWER.COMPARISON,
  "<>": POWER.COMPARISON,
  "!=": POWER.COMPARISON,
  "<": POWER.COMPARISON,
  "<=": POWER.COMPARISON,
  ">": POWER.COMPARISON,
  ">=": POWER.COMPARISON,
  "+": POWER.SUM,
  "-": POWER.SUM,
  "*": POWER.PRODUCT,
  "/": POWER.PRODUCT,
  "%": POWER.PRODUCT,
  "||": POWER.PRODUCT,
};

const PERIOD_PREDICATES = ["PRECEDES", "SUCCEEDS", "IMMEDIATELY", "MEMBER", "SUBMULTISET", "MULTISET"];

/** An expression that is no `*`. Throws SYNTAX, TOO_DEEP, UNSUPPORTED. */
export function parseExpression(c: Cursor): Expression {
  const { start } = c;
  const expression = parseSelectable(c);
  if (isStar(expression)) {
    throw c.error("SYNTAX", "'*' can stand only in a select list", c.span(start));
  }
  return expression;
}

/** An expression whose operators bind tighter than IN. */
export function parseTerm(c: Cursor): Expression {
  return parseOperand(c, POWER.RANGE);
}

/** An expression, `t.*` or `(row).*`. */
export function parseSelectable(c: Cursor): Expression {
  return parseOperators(c, 0);
}

function isStar(expression: Expression): boolean {
  return expression.kind === "Star" || (expression.kind === "FieldAccess" && expression.field.kind === "Star");
}

/** Pratt's loop: a prefix, then every operator that binds tighter than `least`. */
function parseOperators(c: Cursor, least: number): Expression {
  const outer = c.open();
  const { start } = c;
  let left = parsePrefix(c);
  for (;;) {
    const next = parseInfix(c, left, start, least);
    if (next === undefined) break;
    left = next;
    c.grow();
  }
  c.close(outer);
  return left;
}

function parsePrefix(c: Cursor): Expression {
  const { start, token } = c;
  if (token.kind === "symbol" && (token.text === "-" || token.text === "+")) {
    c.take();
    const operand = parseOperand(c, POWER.SIGN);
    return { kind: "Unary", span: c.span(start), operator: token.text, operand };
  }
  if (c.isWord("NOT")) {
    c.take();
    const operand = parseOperand(c, POWER.NOT);
    return { kind: "Unary", span: c.span(start), operator: "NOT", operand };
  }
  return parsePrimary(c);
}

function parseOperand(c: Cursor, least: number): Expression {
  const { start } = c;
  const operand = parseOperators(c, least);
  if (isStar(operand)) throw c.error("SYNTAX", "'*' can stand only in a select list", c.span(start));
  return operand;
}

/** `left` with the next operator and its operands; undefined when there is none that binds tighter than `least`. */
function parseInfix(c: Cursor, left: Expression, start: number, least: number): Expression | undefined {
  const { token } = c;
  if (token.kind === "symbol") {
    const power = BINARY_POWER[token.text];
    if (power === undefined || power <= least) return undefined;
    if (isStar(left)) throw c.failExpected(["','", "FROM"]);
    c.take();
    if (
      power === POWER.COMPARISON &&
      (c.isWord("ANY") || c.isWord("SOME") || c.isWord("ALL")) &&
      c.isSymbolAhead(1, "(")
    ) {
      return parseQuantified(c, left, start, token.text);
    }
    const right = parseOperand(c, power);
    const operator = (token.text === "!=" ? "<>" : token.text) as Binary["operator"];
    return { kind: "Binary", span: c.span(start), operator, left, right };
  }
  if (token.kind !== "word") return undefined;
  switch (token.text) {
    case "AND":
    case "OR":
      return POWER[token.text] > least ? parseChain(c, left, start, token.text) : undefined;
    case "IS":
      return POWER.IS > least ? parseIs(c, left, start) : undefined;
    case "OVERLAPS": {
      if (POWER.COMPARISON <= least) return undefined;
      c.take();
      const right = parseOperand(c, POWER.COMPARISON);
      return { kind: "Binary", span: c.span(start), operator: "OVERLAPS", left, right };
    }
    case "NOT":
    case "BETWEEN":
    case "IN":
    case "LIKE":
    case "SIMILAR":
      return POWER.RANGE > least ? parseRange(c, left, start) : undefined;
    case "AT":
      if (c.isWordAhead(1, "LOCAL") || c.isWords("AT", "TIME", "ZONE"))
        throw c.unsupported("AT TIME ZONE", c.start, "use CONVERT_TZ or a cast to TIMESTAMP_LTZ");
      return undefined;
    default:
      if (PERIOD_PREDICATES.includes(token.text) && !c.isSymbolAhead(1, ".")) throw c.unsupported(token.text, c.start);
      return undefined;
  }
}

/** `a AND b AND c …`, taken at once so that a long chain can be balanced. */
function parseChain(c: Cursor, first: Expression, start: number, operator: "AND" | "OR"): Expression {
  const operands = [first];
  while (c.isWord(operator)) {
    c.take();
    operands.push(parseOperand(c, POWER[operator]));
  }
  const join = (left: Expression, right: Expression): Binary => ({
    kind: "Binary",
    span: { start: left === first ? start : left.span.start, end: right.span.end },
    operator,
    left,
    right,
  });
  if (operands.length <= BALANCE_FROM) {
    for (let i = 2; i < operands.length; i++) c.grow();
    const chain = operands.reduce(join);
    return { ...chain, span: c.span(start) } as Expression;
  }
  const build = (from: number, to: number): Expression => {
    if (to - from === 1) return operands[from]!;
    const middle = (from + to) >>> 1;
    return join(build(from, middle), build(middle, to));
  };
  for (let n = operands.length; n > 2; n = (n + 1) >>> 1) c.grow();
  return { ...build(0, operands.length), span: c.span(start) } as Expression;
}

function parseIs(c: Cursor, operand: Expression, start: number): Expression {
  c.take();
  const not = c.accept("NOT");
  const is = (test: Is["test"], other?: Expression): Is => ({
    kind: "Is",
    span: c.span(start),
    test,
    not,
    operand,
    other,
  });
  for (const test of ["NULL", "TRUE", "FALSE", "UNKNOWN"] as const) {
    if (c.accept(test)) return is(test);
  }
  if (c.accept("DISTINCT", "FROM")) return is("DISTINCT FROM", parseOperand(c, POWER.COMPARISON));
  if (c.accept("JSON")) {
    const shape = c.acceptOne(["VALUE", "SCALAR", "ARRAY", "OBJECT"]);
    return is(shape === undefined ? "JSON" : `JSON ${shape}`);
  }
  if (c.isWords("A", "SET") || c.isWord("EMPTY"))
    throw c.unsupported("IS A SET / IS EMPTY", c.start, "use CARDINALITY");
  throw c.failExpected();
}

function parseRange(c: Cursor, operand: Expression, start: number): Expression | undefined {
  const not = c.isWord("NOT");
  const word = c.ahead(not ? 1 : 0);
  if (word.kind !== "word" || !["BETWEEN", "IN", "LIKE", "SIMILAR"].includes(word.text)) {
    if (not && word.kind === "word" && PERIOD_PREDICATES.includes(word.text))
      throw c.unsupported(`NOT ${word.text}`, c.start);
    return undefined;
  }
  if (word.text === "SIMILAR" && !c.isWordAhead(not ? 2 : 1, "TO")) return undefined;
  if (not) c.take();
  c.take();
  switch (word.text) {
    case "BETWEEN": {
      const symmetric = c.accept("SYMMETRIC");
      if (!symmetric) c.accept("ASYMMETRIC");
      const low = parseOperand(c, POWER.RANGE);
      c.expect("AND");
      const high = parseOperand(c, POWER.RANGE);
      return { kind: "Between", span: c.span(start), not, symmetric, operand, low, high };
    }
    case "IN":
      return parseIn(c, operand, start, not);
    default: {
      if (word.text === "SIMILAR") c.expect("TO");
      const operator: Like["operator"] = word.text === "SIMILAR" ? "SIMILAR TO" : "LIKE";
      const pattern = parseOperand(c, POWER.RANGE);
      const escape = c.accept("ESCAPE") ? parseOperand(c, POWER.RANGE) : undefined;
      return { kind: "Like", span: c.span(start), operator, not, operand, pattern, escape };
    }
  }
}

/** `(1, 2)` or `(SELECT …)` after IN. */
function parseIn(c: Cursor, operand: Expression, start: number, not: boolean): InList | InQuery {
  if (!c.isSymbol("(")) throw c.fail("'(' and a list or a query");
  const items = parseListOrQuery(c);
  return items.kind === "query"
    ? { kind: "InQuery", span: c.span(start), not, operand, query: items.query }
    : { kind: "InList", span: c.span(start), not, operand, items: items.items };
}

function parseListOrQuery(c: Cursor) {
  const open = c.start;
  c.expectSymbol("(");
  const items = c.commaList(() => (startsQuery(c) ? parseBareQuery(c) : parseExpression(c)));
  const [first] = items;
  if (items.length === 1 && first?.kind === "SubQuery") {
    const query = c.isSymbol(")") ? first.query : c.grammar.queryAfter(c, first.query, open);
    c.expectSymbol(")");
    return { kind: "query", query } as const;
  }
  c.expectSymbol(")");
  return { kind: "list", items } as const;
}

/** A query without parentheses around it, as the only item of a list. */
function parseBareQuery(c: Cursor): Expression {
  const query = c.grammar.query(c);
  return { kind: "SubQuery", span: query.span, query };
}

function startsQuery(c: Cursor): boolean {
  return c.isWord("SELECT") || c.isWord("WITH") || c.isWord("VALUES") || c.isWord("TABLE");
}

/** `= ANY (…)` is IN, `<> ALL (…)` is NOT IN. */
function parseQuantified(c: Cursor, operand: Expression, start: number, operator: string): Expression {
  const quantifier = c.token.text;
  const isIn = operator === "=" && quantifier !== "ALL";
  const isNotIn = (operator === "<>" || operator === "!=") && quantifier === "ALL";
  if (isIn || isNotIn) {
    c.take();
    return parseIn(c, operand, start, isNotIn);
  }
  const { start: quantifierStart } = c;
  c.take();
  c.expectSymbol("(");
  if (!startsQuery(c))
    throw c.unsupported(`${operator} ${quantifier} (a list)`, quantifierStart, "write the comparisons with AND or OR");
  const query = c.grammar.query(c);
  c.expectSymbol(")");
  return {
    kind: "Quantified",
    span: c.span(start),
    operand,
    operator: (operator === "!=" ? "<>" : operator) as Quantified["operator"],
    quantifier: quantifier === "ALL" ? "ALL" : "ANY",
    query,
  };
}
