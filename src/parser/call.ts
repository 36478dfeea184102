import type { Descriptor, Expression, FunctionCall } from "./ast/expression.ts";
import type { ObjectName } from "./ast/node.ts";
import type { OrderItem } from "./ast/query.ts";
import { parseJsonCall } from "./json-call.ts";
import type { Cursor } from "./cursor.ts";
import { makeCall, makeName, makeSymbol } from "./make.ts";
import { TIME_UNITS } from "./keywords.ts";
import { parseOrderBy, parseWindowSpec } from "./window-spec.ts";

/** Reads what is between the parentheses of one function's own syntax; the opening one has been taken. */
type ArgumentParser = (c: Cursor, name: ObjectName) => FunctionCall | undefined;

/** Functions whose arguments are not (only) a list of expressions. Undefined: nothing taken, it is an ordinary call. */
const SPECIAL: ReadonlyMap<string, ArgumentParser> = new Map<string, ArgumentParser>([
  ["EXTRACT", parseExtract],
  ["FLOOR", parseRounding],
  ["CEIL", parseRounding],
  ["CEILING", parseRounding],
  ["POSITION", parsePosition],
  ["SUBSTRING", parseSubstring],
  ["TRIM", parseTrim],
  ["OVERLAY", parseOverlay],
  ["TIMESTAMPADD", parseUnitFirst],
  ["TIMESTAMPDIFF", parseUnitFirst],
  ["JSON_VALUE", parseJsonCall],
  ["JSON_QUERY", parseJsonCall],
  ["JSON_EXISTS", parseJsonCall],
  ["JSON_OBJECT", parseJsonCall],
  ["JSON_ARRAY", parseJsonCall],
  ["JSON_OBJECTAGG", parseJsonCall],
  ["JSON_ARRAYAGG", parseJsonCall],
]);

/** The call of `name`, which has been taken; the opening parenthesis is next. */
export function parseCall(c: Cursor, name: ObjectName): Expression {
  const upper = name.parts.length === 1 && !name.parts[0]!.quoted ? name.parts[0]!.name.toUpperCase() : "";
  if (upper === "DESCRIPTOR") return parseDescriptor(c, name);
  if (
    (upper === "ARRAY" || upper === "MAP" || upper === "MULTISET") &&
    (c.isWordAhead(1, "SELECT") || c.isWordAhead(1, "VALUES"))
  ) {
    throw c.unsupported(`${upper}(query)`, name.span.start);
  }
  c.expectSymbol("(");
  const special = SPECIAL.get(upper)?.(c, name);
  return parseSuffixes(c, special ?? parseArguments(c, name));
}

/** `DESCRIPTOR(a, b)` */
function parseDescriptor(c: Cursor, name: ObjectName): Descriptor {
  const columns = c.parenthesized(() => c.identifier("a column name"));
  return { kind: "Descriptor", span: c.span(name.span.start), columns };
}

/** `DISTINCT a, b => c ORDER BY d)` */
function parseArguments(c: Cursor, name: ObjectName): FunctionCall {
  const { start } = name.span;
  if (c.isSymbol("*")) {
    const at = c.start;
    c.take();
    const star: Expression = { kind: "Star", span: c.span(at), qualifier: [] };
    c.expectSymbol(")");
    return makeCall(c, start, name, [star]);
  }
  if (c.acceptSymbol(")")) return makeCall(c, start, name, []);
  const distinct = c.accept("DISTINCT");
  if (!distinct) c.accept("ALL");
  const args = c.commaList(() => parseArgument(c));
  const nulls = parseNullTreatment(c);
  const withinGroup = c.isWord("ORDER") ? parseOrderBy(c) : undefined;
  c.expectSymbol(")");
  return makeCall(c, start, name, args, { distinct, nulls, withinGroup });
}

/** An expression or `name => expression`. */
export function parseArgument(c: Cursor, value: (c: Cursor) => Expression = c.grammar.expression): Expression {
  if (!c.isIdentifier() || !c.isSymbolAhead(1, "=>")) return value(c);
  const { start } = c;
  const name = c.identifier();
  c.expectSymbol("=>");
  const argument = value(c);
  return { kind: "NamedArgument", span: c.span(start), name, value: argument };
}

function parseNullTreatment(c: Cursor): FunctionCall["nulls"] {
  if (c.accept("IGNORE", "NULLS")) return "IGNORE";
  return c.accept("RESPECT", "NULLS") ? "RESPECT" : undefined;
}

/** `IGNORE NULLS`, `WITHIN GROUP (…)`, `FILTER (WHERE …)`, `OVER …` after a call. */
function parseSuffixes(c: Cursor, call: FunctionCall): FunctionCall {
  const { start } = call.span;
  const nulls = parseNullTreatment(c) ?? call.nulls;
  let withinGroup: readonly OrderItem[] | undefined = call.withinGroup;
  if (c.isWords("WITHIN", "DISTINCT")) throw c.unsupported("WITHIN DISTINCT", c.start);
  if (c.accept("WITHIN", "GROUP")) {
    c.expectSymbol("(");
    withinGroup = parseOrderBy(c);
    c.expectSymbol(")");
  }
  let filter: Expression | undefined;
  if (c.isWord("FILTER") && c.isSymbolAhead(1, "(")) {
    c.take();
    c.expectSymbol("(");
    c.expect("WHERE");
    filter = c.grammar.expression(c);
    c.expectSymbol(")");
  }
  let over: FunctionCall["over"];
  if (c.accept("OVER")) over = c.isSymbol("(") ? parseWindowSpec(c) : c.identifier("'(' or the name of a window");
  return { ...call, span: c.span(start), nulls, withinGroup, filter, over };
}

/** The next word as a symbol argument. */
function takeSymbol(c: Cursor): Expression {
  const token = c.take();
  return makeSymbol(token.text, token);
}

/** As in Calcite, the two names of a fraction are not the same. */
const UNIT_ALIASES: Readonly<Record<string, string>> = {
  FRAC_SECOND: "MICROSECOND",
  SQL_TSI_FRAC_SECOND: "NANOSECOND",
  SQL_TSI_MICROSECOND: "MICROSECOND",
};

function parseTimeUnit(c: Cursor): Expression {
  const { token } = c;
  const unit = UNIT_ALIASES[token.text] ?? token.text.replace(/^SQL_TSI_/, "");
  if (token.kind !== "word" || !TIME_UNITS.has(unit)) throw c.fail("a unit such as YEAR, DAY or SECOND");
  c.take();
  return makeSymbol(unit, token);
}

/** `EXTRACT(YEAR FROM x)` */
function parseExtract(c: Cursor, name: ObjectName): FunctionCall {
  const unit = parseTimeUnit(c);
  c.expect("FROM");
  const value = c.grammar.expression(c);
  c.expectSymbol(")");
  return makeCall(c, name.span.start, name, [unit, value], { symbols: [0] });
}

/** `FLOOR(x TO DAY)`, `FLOOR(x)` */
function parseRounding(c: Cursor, name: ObjectName): FunctionCall {
  const plain = name.parts[0]!.name.toUpperCase() === "CEILING" ? makeName("CEIL", name.span) : name;
  const value = c.grammar.expression(c);
  if (!c.accept("TO")) {
    const more = c.acceptSymbol(",") ? c.commaList(() => c.grammar.expression(c)) : [];
    c.expectSymbol(")");
    return makeCall(c, name.span.start, plain, [value, ...more]);
  }
  const unit = parseTimeUnit(c);
  c.expectSymbol(")");
  return makeCall(c, name.span.start, plain, [value, unit], { symbols: [1] });
}

/** `POSITION(a IN b [FROM n])`, `POSITION(a, b)` */
function parsePosition(c: Cursor, name: ObjectName): FunctionCall {
  const args = [c.grammar.term(c)];
  if (c.accept("IN")) {
    args.push(c.grammar.expression(c));
    if (c.accept("FROM")) args.push(c.grammar.expression(c));
  } else {
    while (c.acceptSymbol(",")) args.push(c.grammar.expression(c));
  }
  c.expectSymbol(")");
  return makeCall(c, name.span.start, name, args);
}

/** `SUBSTRING(a FROM b FOR c)`, `SUBSTRING(a, b, c)` */
function parseSubstring(c: Cursor, name: ObjectName): FunctionCall {
  const args = [c.grammar.expression(c)];
  if (c.accept("FROM")) {
    args.push(c.grammar.expression(c));
    if (c.accept("FOR")) args.push(c.grammar.expression(c));
  } else {
    while (c.acceptSymbol(",")) args.push(c.grammar.expression(c));
  }
  c.expectSymbol(")");
  return makeCall(c, name.span.start, name, args);
}

/** `TRIM([BOTH | LEADING | TRAILING] [characters] FROM text)`, `TRIM(text)`: always side, characters, text. */
function parseTrim(c: Cursor, name: ObjectName): FunctionCall {
  const { start } = name.span;
  const here = { start: c.start, end: c.start };
  const blank: Expression = { kind: "Literal", span: here, type: "string", text: " " };
  const named =
    ["BOTH", "LEADING", "TRAILING"].some((side) => c.isWord(side)) &&
    !c.isSymbolAhead(1, ")") &&
    !c.isSymbolAhead(1, ".");
  const side = named ? takeSymbol(c) : makeSymbol("BOTH", here);
  let characters: Expression = blank;
  let text: Expression;
  if (named && c.accept("FROM")) {
    text = c.grammar.expression(c);
  } else {
    text = c.grammar.expression(c);
    if (c.isSymbol(","))
      throw c.fail("FROM or ')'", "to remove other characters use TRIM(BOTH 'x' FROM text) or BTRIM(text, 'x')");
    if (c.accept("FROM")) {
      characters = text;
      text = c.grammar.expression(c);
    } else if (named) {
      throw c.failExpected();
    }
  }
  c.expectSymbol(")");
  return makeCall(c, start, name, [side, characters, text], { symbols: [0] });
}

/** `OVERLAY(a PLACING b FROM c FOR d)` */
function parseOverlay(c: Cursor, name: ObjectName): FunctionCall {
  const args = [c.grammar.expression(c)];
  if (c.accept("PLACING")) {
    args.push(c.grammar.expression(c));
    c.expect("FROM");
    args.push(c.grammar.expression(c));
    if (c.accept("FOR")) args.push(c.grammar.expression(c));
  } else {
    while (c.acceptSymbol(",")) args.push(c.grammar.expression(c));
  }
  c.expectSymbol(")");
  return makeCall(c, name.span.start, name, args);
}

/** `TIMESTAMPADD(DAY, 1, ts)` */
function parseUnitFirst(c: Cursor, name: ObjectName): FunctionCall {
  const unit = parseTimeUnit(c);
  c.expectSymbol(",");
  const rest = c.commaList(() => c.grammar.expression(c));
  c.expectSymbol(")");
  return makeCall(c, name.span.start, name, [unit, ...rest], { symbols: [0] });
}
