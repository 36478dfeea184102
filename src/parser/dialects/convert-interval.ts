import type { Expression, IntervalUnit } from "../ast/expression.ts";
import type { TreeReader } from "./tree-reader.ts";

const UNITS: Readonly<Record<string, IntervalUnit>> = Object.fromEntries(
  (["YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND"] as const).flatMap((unit) => [
    [unit, unit],
    [`${unit}S`, unit],
  ]),
);

/** Short names of units in the text of an interval. */
const SHORT_UNITS: Readonly<Record<string, IntervalUnit>> = {
  MIN: "MINUTE",
  MINS: "MINUTE",
  SEC: "SECOND",
  SECS: "SECOND",
};

/** `INTERVAL '1' DAY`, `INTERVAL 1 DAY`, `INTERVAL x DAY`, and PostgreSQL's `INTERVAL '1 day 2 hours'`. */
export function convertInterval(node: TreeReader): Expression {
  const { span } = node;
  const value = node.context.expression(node.need("expr"));
  const written = node.text("unit") ?? "";
  if (written === "") {
    if (value.kind !== "Literal" || value.type !== "string") throw node.unsupported("an interval without a unit");
    return node.done(fromText(value.text, node));
  }
  const unit = UNITS[written.toUpperCase()];
  if (unit === undefined) throw node.unsupported(`an interval in ${written.toUpperCase()}`);
  if (value.kind === "Literal" && /^\s*\d+\s*$/.test(value.text))
    return node.done(literal(value.text.trim(), unit, node));
  if (value.kind === "Literal" && value.type === "string")
    throw node.unsupported(
      `the interval '${value.text}' ${written.toUpperCase()}`,
      "write a whole number and one unit",
    );
  return node.done({ kind: "Binary", span, operator: "*", left: value, right: literal("1", unit, node) });
}

function literal(text: string, from: IntervalUnit, node: TreeReader): Expression {
  return { kind: "IntervalLiteral", span: node.span, text, negative: false, from, to: undefined };
}

/** `1 day`, `1 day 2 hours`: one interval each, added; of months and of days there can be no sum. */
function fromText(text: string, node: TreeReader): Expression {
  const { span } = node;
  const parts = [...text.matchAll(/(\d+)\s*([a-z]+)/gi)];
  const rest = text.replaceAll(/(\d+)\s*([a-z]+)/gi, "").trim();
  const hint = "write whole numbers with their units: INTERVAL '1 day', INTERVAL '1 hour 30 minutes'";
  if (parts.length === 0 || rest !== "") throw node.unsupported(`the interval '${text}'`, hint);
  const intervals = parts.map(([, count, word]) => {
    const unit = UNITS[word!.toUpperCase()] ?? SHORT_UNITS[word!.toUpperCase()];
    if (unit === undefined) throw node.unsupported(`an interval in '${word}'`, hint);
    return { unit, expression: literal(count!, unit, node) };
  });
  const inMonths = intervals.filter(({ unit }) => unit === "YEAR" || unit === "QUARTER" || unit === "MONTH").length;
  if (inMonths !== 0 && inMonths !== intervals.length)
    throw node.unsupported("an interval of months and days", "add the two intervals one after the other");
  return intervals
    .map(({ expression }) => expression)
    .reduce((left, right): Expression => ({ kind: "Binary", span, operator: "+", left, right }));
}
