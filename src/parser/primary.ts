import type { CaseBranch, Expression, IntervalUnit, Literal } from "./ast/expression.ts";
import type { Identifier, ObjectName } from "./ast/node.ts";
import type { Query } from "./ast/query.ts";
import type { TypeNode } from "./ast/type.ts";
import { parseCall } from "./call.ts";
import type { Cursor } from "./cursor.ts";
import { makeCall, makeName } from "./make.ts";
import { BARE_CALLS, RESERVED } from "./keywords.ts";
import { isIntervalUnit, parseInterval, parseIntervalQualifier } from "./interval.ts";

/** An expression without operators around it: a literal, a name, a call, parentheses; with `.field` and `[index]`. */
export function parsePrimary(c: Cursor): Expression {
  const { start } = c;
  let operand = parseAtom(c);
  for (;;) {
    if (c.isSymbol("[")) {
      c.take();
      const index = c.grammar.expression(c);
      c.expectSymbol("]");
      operand = { kind: "ElementAccess", span: c.span(start), operand, index };
    } else if (c.isSymbol(".") && operand.kind !== "Star") {
      c.take();
      const field = parseField(c);
      operand = { kind: "FieldAccess", span: c.span(start), operand, field };
    } else {
      return operand;
    }
    c.grow();
  }
}

function parseField(c: Cursor): Identifier | Extract<Expression, { kind: "Star" }> {
  const { start } = c;
  if (!c.acceptSymbol("*")) return c.identifier("a field name");
  return { kind: "Star", span: c.span(start), qualifier: [] };
}

function parseAtom(c: Cursor): Expression {
  const { token } = c;
  switch (token.kind) {
    case "number":
      c.take();
      return { kind: "Literal", span: c.span(token.start), type: "number", text: token.text };
    case "string":
    case "unicode": {
      const text = c.string();
      return { kind: "Literal", span: c.span(token.start), type: "string", text };
    }
    case "binary":
      return parseBinaryLiteral(c);
    case "quoted":
      return parseNamed(c);
    case "symbol":
      if (token.text === "(") return parseParentheses(c);
      if (token.text === "{") return parseEscape(c);
      throw c.fail("an expression");
    case "word":
      return parseWord(c);
    case "end":
    case "error":
      throw c.fail("an expression");
  }
}

function parseBinaryLiteral(c: Cursor): Literal {
  const { start } = c;
  let text = c.take().text;
  while (c.token.kind === "string" && c.source.slice(c.lastEnd, c.start).includes("\n")) {
    const more = c.take();
    if (more.text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(more.text)) {
      throw c.error("SYNTAX", `a binary literal needs an even number of hexadecimal digits, not '${more.text}'`, more);
    }
    text += more.text;
  }
  return { kind: "Literal", span: c.span(start), type: "binary", text };
}

function parseWord(c: Cursor): Expression {
  const { start, token } = c;
  const literal = (type: Literal["type"], text: string): Literal => ({
    kind: "Literal",
    span: c.span(start),
    type,
    text,
  });
  switch (token.text) {
    case "NULL":
      c.take();
      return literal("null", "NULL");
    case "UNKNOWN": {
      c.take();
      const type: TypeNode = { kind: "SimpleType", span: c.span(start), name: "BOOLEAN", args: [], notNull: false };
      return { kind: "Cast", span: c.span(start), tolerant: false, operand: literal("null", "NULL"), type };
    }
    case "TRUE":
    case "FALSE":
      c.take();
      return literal("boolean", token.text);
    case "CASE":
      return parseCase(c);
    case "CAST":
    case "TRY_CAST":
      return parseCast(c);
    case "EXISTS": {
      c.take();
      c.expectSymbol("(");
      const query = c.grammar.query(c);
      c.expectSymbol(")");
      return { kind: "Exists", span: c.span(start), query };
    }
    case "DATE":
    case "TIME":
    case "TIMESTAMP":
      if (token.text === "TIMESTAMP" && isLocalZoneLiteral(c)) return parseLocalZoneLiteral(c);
      if (c.ahead(1).kind !== "string") break;
      c.take();
      return literal(token.text.toLowerCase() as "date" | "time" | "timestamp", c.string());
    case "INTERVAL": {
      const interval = parseInterval(c);
      if (interval !== undefined) return interval;
      break;
    }
    case "ARRAY":
    case "MAP":
    case "MULTISET":
      if (c.isSymbolAhead(1, "[")) return parseBrackets(c, token.text);
      break;
    case "ROW":
    case "PERIOD":
      if (c.isSymbolAhead(1, "(")) return parseRow(c);
      break;
    case "LEFT":
    case "RIGHT":
      break;
    case "FINAL":
    case "RUNNING": {
      // `FINAL LAST(A.price)` in MATCH_RECOGNIZE; nowhere else does a call follow a name.
      if (!c.isIdentifierAhead(1) || !c.isSymbolAhead(2, "(")) break;
      c.take();
      const operand = parseNamed(c);
      return makeCall(c, start, makeName(token.text, { start, end: token.end }), [operand]);
    }
    default:
      if (RESERVED.has(token.text)) throw c.fail("an expression", reservedHint(c));
  }
  return parseNamed(c);
}

/** The escapes of JDBC: `{d '2024-01-01'}`, `{t …}`, `{ts …}`, `{fn ABS(1)}`. */
function parseEscape(c: Cursor): Expression {
  const { start } = c;
  c.expectSymbol("{");
  const escape = c.expectOne(["D", "TS", "T", "FN"]);
  if (escape === "FN") {
    const call = c.grammar.expression(c);
    c.expectSymbol("}");
    return call;
  }
  const text = c.string();
  c.expectSymbol("}");
  return {
    kind: "Literal",
    span: c.span(start),
    type: escape === "D" ? "date" : escape === "T" ? "time" : "timestamp",
    text,
  };
}

/** A reserved word between names is probably meant as a name. */
function reservedHint(c: Cursor): string | undefined {
  const ends =
    c.isSymbolAhead(1, ",") ||
    c.isSymbolAhead(1, ")") ||
    c.isSymbolAhead(1, ".") ||
    c.isWordAhead(1, "FROM") ||
    c.isWordAhead(1, "AS");
  return ends ? `'${c.token.text.toLowerCase()}' is a reserved word: as a name, write it in backquotes` : undefined;
}

/** A column, `t.*`, or a call. */
function parseNamed(c: Cursor): Expression {
  const { start } = c;
  const first = c.identifier("an expression");
  const parts = [first];
  while (c.isSymbol(".")) {
    c.take();
    if (c.isSymbol("*")) {
      c.take();
      return { kind: "Star", span: c.span(start), qualifier: parts };
    }
    parts.push(c.identifier("a name after '.'"));
  }
  if (c.isSymbol("(") && parts.length <= 3) {
    const name: ObjectName = { kind: "ObjectName", span: c.span(start), parts };
    return parseCall(c, name);
  }
  if (parts.length === 1 && !first.quoted) {
    const upper = first.name.toUpperCase();
    if (BARE_CALLS.has(upper)) return makeCall(c, start, makeName(upper, first.span), []);
  }
  return { kind: "ColumnRef", span: c.span(start), parts };
}

function parseParentheses(c: Cursor): Expression {
  const { start } = c;
  c.expectSymbol("(");
  if (startsQuery(c)) {
    const query = c.grammar.query(c);
    c.expectSymbol(")");
    return { kind: "SubQuery", span: c.span(start), query };
  }
  const items = c.commaList(() => c.grammar.expression(c));
  const [first] = items;
  if (items.length > 1 || first === undefined) {
    c.expectSymbol(")");
    return { kind: "RowConstructor", span: c.span(start), items };
  }
  if (first.kind === "SubQuery" && continuesQuery(c)) {
    const query: Query = c.grammar.queryAfter(c, first.query, start);
    c.expectSymbol(")");
    return { kind: "SubQuery", span: c.span(start), query };
  }
  c.expectSymbol(")");
  if (first.kind === "Binary" && first.operator === "-" && isIntervalUnit(c.token) && !c.isSymbolAhead(1, ".")) {
    const { from, to } = parseIntervalQualifier(c);
    return {
      kind: "IntervalCast",
      span: c.span(start),
      operand: first,
      from,
      to: to satisfies IntervalUnit | undefined,
    };
  }
  return first;
}

function startsQuery(c: Cursor): boolean {
  return c.isWord("SELECT") || c.isWord("WITH") || c.isWord("VALUES") || c.isWord("TABLE");
}

/** After `((SELECT …)`: is the parenthesis a query of which that was the first operand? */
function continuesQuery(c: Cursor): boolean {
  return ["UNION", "INTERSECT", "EXCEPT", "MINUS", "ORDER", "LIMIT", "OFFSET", "FETCH"].some((word) => c.isWord(word));
}

/** A result longer than this is not repeated for each value of `WHEN 1, 2 THEN result`. */
const MAX_REPEATED_RESULT = 200;

function parseCase(c: Cursor): Expression {
  const { start } = c;
  c.expect("CASE");
  const operand = c.isWord("WHEN") ? undefined : c.grammar.expression(c);
  const branches: CaseBranch[] = [];
  while (branches.length === 0 || c.isWord("WHEN")) {
    const branchStart = c.start;
    c.expect("WHEN");
    const values = operand === undefined ? [c.grammar.expression(c)] : c.commaList(() => c.grammar.expression(c));
    c.expect("THEN");
    const result = c.grammar.expression(c);
    const span = c.span(branchStart);
    if (values.length > 1 && result.span.end - result.span.start > MAX_REPEATED_RESULT) {
      throw c.error(
        "UNSUPPORTED",
        "a list of values after WHEN with a result this long is not supported yet",
        span,
        "write one WHEN for each value",
      );
    }
    for (const when of values) branches.push({ kind: "CaseBranch", span, when, result });
  }
  let otherwise = c.accept("ELSE") ? c.grammar.expression(c) : undefined;
  c.expect("END");
  // ELSE NULL says nothing: one tree for both spellings.
  if (otherwise?.kind === "Literal" && otherwise.type === "null") otherwise = undefined;
  return { kind: "Case", span: c.span(start), operand, branches, otherwise };
}

function parseCast(c: Cursor): Expression {
  const { start } = c;
  const tolerant = c.take().text === "TRY_CAST";
  c.expectSymbol("(");
  const operand = c.grammar.expression(c);
  c.expect("AS");
  const type = c.grammar.type(c);
  if (c.isWord("FORMAT")) throw c.unsupported("CAST … FORMAT", c.start, "use DATE_FORMAT or TO_TIMESTAMP");
  c.expectSymbol(")");
  return { kind: "Cast", span: c.span(start), tolerant, operand, type };
}

const LOCAL_TIME_ZONE = ["WITH", "LOCAL", "TIME", "ZONE"];

function isLocalZoneLiteral(c: Cursor): boolean {
  return LOCAL_TIME_ZONE.every((word, i) => c.isWordAhead(i + 1, word)) && c.ahead(5).kind === "string";
}

/** `TIMESTAMP WITH LOCAL TIME ZONE '…'`: the wall clock of the session, so a CAST of the plain literal. */
function parseLocalZoneLiteral(c: Cursor): Expression {
  const { start } = c;
  for (let i = 0; i <= LOCAL_TIME_ZONE.length; i++) c.take();
  const text = c.string();
  const span = c.span(start);
  const digits = /\.(\d{1,9})/.exec(text)?.[1]?.length ?? 0;
  const operand: Literal = { kind: "Literal", span, type: "timestamp", text };
  const type: TypeNode = { kind: "SimpleType", span, name: "TIMESTAMP_LTZ", args: [digits], notNull: false };
  return { kind: "Cast", span, tolerant: false, operand, type };
}

/** `ARRAY[1, 2]`, `MAP['k', 1]`. */
function parseBrackets(c: Cursor, word: "ARRAY" | "MAP" | "MULTISET"): Expression {
  const { start } = c;
  c.take();
  if (word === "MULTISET") throw c.unsupported("the MULTISET constructor", start, "use COLLECT or ARRAY");
  c.expectSymbol("[");
  const items = c.isSymbol("]") ? [] : c.commaList(() => c.grammar.expression(c));
  c.expectSymbol("]");
  const span = c.span(start);
  if (word === "ARRAY") return { kind: "ArrayConstructor", span, items };
  if (items.length % 2 !== 0)
    throw c.error("SYNTAX", "MAP[…] takes keys and values in turn, but the last key has no value", span);
  return { kind: "MapConstructor", span, items };
}

/** `ROW(a, b)`, and `PERIOD (a, b)` as an operand of OVERLAPS. */
function parseRow(c: Cursor): Expression {
  const { start } = c;
  c.take();
  c.expectSymbol("(");
  const items = c.isSymbol(")") ? [] : c.commaList(() => c.grammar.expression(c));
  c.expectSymbol(")");
  return { kind: "RowConstructor", span: c.span(start), items };
}
