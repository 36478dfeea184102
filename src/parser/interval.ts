import type { Binary, ColumnRef, Expression, IntervalLiteral, IntervalUnit } from "./ast/expression.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./token.ts";

const UNITS: Readonly<Record<string, IntervalUnit>> = Object.fromEntries(
  (["YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"] as const).flatMap((unit) => [
    [unit, unit],
    [`${unit}S`, unit],
  ]),
);

/** Units that may follow TO, by the unit before it. */
const FINER: Partial<Record<IntervalUnit, readonly IntervalUnit[]>> = {
  YEAR: ["MONTH"],
  DAY: ["HOUR", "MINUTE", "SECOND"],
  HOUR: ["MINUTE", "SECOND"],
  MINUTE: ["SECOND"],
};

/** From and to of an interval, with the digits in parentheses (leading field, then fraction of the second). */
export interface IntervalQualifier {
  readonly from: IntervalUnit;
  readonly to: IntervalUnit | undefined;
  readonly leading: number | undefined;
  readonly fraction: number | undefined;
}

export function isIntervalUnit(token: Token): boolean {
  return token.kind === "word" && Object.hasOwn(UNITS, token.text);
}

function parseUnit(c: Cursor): IntervalUnit {
  const unit = c.token.kind === "word" ? UNITS[c.token.text] : undefined;
  if (unit === undefined || !isIntervalUnit(c.token)) throw c.fail("a unit such as DAY, HOUR, MINUTE or SECOND");
  c.take();
  return unit;
}

/** `DAY`, `DAYS`, `DAY(3)`, `SECOND(2, 3)`, `DAY TO SECOND(3)`. */
export function parseIntervalQualifier(c: Cursor): IntervalQualifier {
  const from = parseUnit(c);
  let leading: number | undefined;
  let fraction: number | undefined;
  if (c.isSymbol("(")) {
    c.take();
    leading = c.integer("a number of digits");
    if (from === "SECOND" && c.acceptSymbol(",")) fraction = c.integer("a number of digits");
    c.expectSymbol(")");
  }
  // `FLOOR(INTERVAL '90' MINUTE TO DAY)`: not every TO belongs to the interval.
  const finer = isIntervalUnit(c.ahead(1)) ? UNITS[c.ahead(1).text] : undefined;
  if (!c.isWord("TO") || finer === undefined || FINER[from]?.includes(finer) !== true)
    return { from, to: undefined, leading, fraction };
  c.take();
  const to = parseUnit(c);
  if (to === "SECOND" && c.acceptSymbol("(")) {
    fraction = c.integer("a number of digits");
    c.expectSymbol(")");
  }
  return { from, to, leading, fraction };
}

/**
 * `INTERVAL -'90' MINUTE`, `INTERVAL 5 DAY`, and for another value (`INTERVAL a DAY`, `INTERVAL (a + 1) DAY`) its product with the
 * interval of one unit. Undefined, with nothing taken, when INTERVAL is a name here.
 */
export function parseInterval(c: Cursor): IntervalLiteral | Binary | undefined {
  const { start } = c;
  const signed = c.isSymbolAhead(1, "-") || c.isSymbolAhead(1, "+");
  const value = c.ahead(signed ? 2 : 1);
  const plainNumber = value.kind === "number" && /^[\d.]+$/.test(value.text) && isIntervalUnit(c.ahead(signed ? 3 : 2));
  if (value.kind === "string" || plainNumber) {
    c.take();
    const negative = signed && c.take().text === "-";
    const text = plainNumber ? c.take().text : c.string();
    const { from, to } = parseIntervalQualifier(c);
    return { kind: "IntervalLiteral", span: c.span(start), text, negative, from, to };
  }
  const isName =
    (value.kind === "word" || value.kind === "quoted") && isIntervalUnit(c.ahead(2)) && c.isIdentifierAhead(1);
  if (signed || !(isName || c.isSymbolAhead(1, "("))) return undefined;
  c.take();
  const left = isName ? columnOf(c) : parenthesized(c);
  const unitStart = c.start;
  const { from } = parseIntervalQualifier(c);
  const right: IntervalLiteral = {
    kind: "IntervalLiteral",
    span: c.span(unitStart),
    text: "1",
    negative: false,
    from,
    to: undefined,
  };
  return { kind: "Binary", span: c.span(start), operator: "*", left, right };
}

function columnOf(c: Cursor): ColumnRef {
  const name = c.identifier();
  return { kind: "ColumnRef", span: name.span, parts: [name] };
}

function parenthesized(c: Cursor): Expression {
  c.expectSymbol("(");
  const value = c.grammar.expression(c);
  c.expectSymbol(")");
  return value;
}
