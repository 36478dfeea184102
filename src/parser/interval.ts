import type { IntervalLiteral, IntervalUnit } from "./ast/expression.ts";
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

/** `INTERVAL -'90' MINUTE`; undefined, with nothing taken, when INTERVAL is a name here. */
export function parseIntervalLiteral(c: Cursor): IntervalLiteral | undefined {
  const { start } = c;
  const signed = c.isSymbolAhead(1, "-") || c.isSymbolAhead(1, "+");
  const value = c.ahead(signed ? 2 : 1);
  if (value.kind !== "string") {
    if (!signed && value.kind === "number") {
      c.take();
      const unit = isIntervalUnit(c.ahead(1)) ? c.ahead(1).text : "DAY";
      throw c.fail("a string", `write the number in quotes: INTERVAL '${value.text}' ${unit}`);
    }
    return undefined;
  }
  c.take();
  const negative = signed && c.take().text === "-";
  const text = c.string();
  const { from, to } = parseIntervalQualifier(c);
  return { kind: "IntervalLiteral", span: c.span(start), text, negative, from, to };
}
