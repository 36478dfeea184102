import type { MatchRecognize, MatchSkip, PatternVariable } from "./ast/query.ts";
import { printIdentifier } from "./print-context.ts";
import type { PrintContext } from "./print-context.ts";
import { printOrderBy } from "./print-window.ts";

/** `input MATCH_RECOGNIZE ( … )`; `input` is printed. */
export function printMatchRecognize(node: MatchRecognize, input: string, ctx: PrintContext): string {
  const { partitionBy, orderBy, measures, skip, pattern, within, define } = node;
  const clauses: string[] = [];
  if (partitionBy.length > 0) clauses.push(`PARTITION BY ${partitionBy.map(ctx.expression).join(", ")}`);
  if (orderBy.length > 0) clauses.push(printOrderBy(orderBy, "", ctx));
  if (measures.length > 0) {
    const list = measures.map(({ expression, name }) => `${ctx.expression(expression)} AS ${printIdentifier(name)}`);
    clauses.push(`MEASURES ${list.join(", ")}`);
  }
  clauses.push("ONE ROW PER MATCH", printSkip(skip), `PATTERN (${pattern.map(printVariable).join(" ")})`);
  if (within !== undefined) clauses.push(`WITHIN ${ctx.expression(within)}`);
  const conditions = define.map(
    ({ variable, condition }) => `${printIdentifier(variable)} AS ${ctx.expression(condition)}`,
  );
  clauses.push(`DEFINE ${conditions.join(", ")}`);
  return `${input} MATCH_RECOGNIZE(${clauses.join(" ")})`;
}

function printSkip({ to, variable }: MatchSkip): string {
  const place = to === "PAST LAST ROW" ? to : `TO ${to}`;
  return `AFTER MATCH SKIP ${place}${variable === undefined ? "" : ` ${printIdentifier(variable)}`}`;
}

function printVariable({ variable, minimum, maximum, reluctant }: PatternVariable): string {
  return `${printIdentifier(variable)}${quantifierOf(minimum, maximum)}${reluctant ? "?" : ""}`;
}

function quantifierOf(minimum: number, maximum: number | undefined): string {
  if (minimum === 1 && maximum === 1) return "";
  if (maximum === undefined) return minimum === 0 ? "*" : minimum === 1 ? "+" : `{${minimum},}`;
  if (minimum === 0 && maximum === 1) return "?";
  return minimum === maximum ? `{${minimum}}` : `{${minimum},${maximum}}`;
}
