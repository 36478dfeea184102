import type { MatchRecognize, MatchSkip, PatternGroup, RowPattern } from "./ast/query.ts";
import { printIdentifier } from "./print-context.ts";
import type { PrintContext } from "./print-context.ts";
import { printOrderBy } from "./print-window.ts";

/** `input MATCH_RECOGNIZE ( … )`; `input` is printed. */
export function printMatchRecognize(node: MatchRecognize, input: string, ctx: PrintContext): string {
  const { partitionBy, orderBy, measures, allRows, skip, pattern, within, subsets, define } = node;
  const clauses: string[] = [];
  if (partitionBy.length > 0) clauses.push(`PARTITION BY ${partitionBy.map(ctx.expression).join(", ")}`);
  if (orderBy.length > 0) clauses.push(printOrderBy(orderBy, "", ctx));
  if (measures.length > 0) {
    const list = measures.map(({ expression, name }) => `${ctx.expression(expression)} AS ${printIdentifier(name)}`);
    clauses.push(`MEASURES ${list.join(", ")}`);
  }
  clauses.push(allRows === undefined ? "ONE ROW PER MATCH" : `ALL ROWS PER MATCH ${allRows}`);
  if (skip !== undefined) clauses.push(printSkip(skip));
  clauses.push(`PATTERN (${printPattern(pattern)})`);
  if (within !== undefined) clauses.push(`WITHIN ${ctx.expression(within)}`);
  if (subsets.length > 0) {
    const list = subsets.map(
      ({ name, variables }) => `${printIdentifier(name)} = (${variables.map(printIdentifier).join(", ")})`,
    );
    clauses.push(`SUBSET ${list.join(", ")}`);
  }
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

function printPattern(node: RowPattern): string {
  switch (node.kind) {
    case "PatternVariable":
      return `${printIdentifier(node.variable)}${quantifierOf(node)}`;
    case "PatternGroup":
      return `(${printPattern(node.pattern)})${quantifierOf(node)}`;
    case "PatternSequence":
      return node.items.length === 0 ? "()" : node.items.map(printItem).join(" ");
    case "PatternAlternation":
      return node.branches.map(printPattern).join(" | ");
    case "PatternPermutation":
      return `PERMUTE(${node.items.map(printPattern).join(", ")})`;
    case "PatternExclusion":
      return `{- ${printPattern(node.pattern)} -}`;
  }
}

function printItem(node: RowPattern): string {
  return node.kind === "PatternAlternation" ? `(${printPattern(node)})` : printPattern(node);
}

function quantifierOf({ minimum, maximum, reluctant }: Omit<PatternGroup, "kind" | "span" | "pattern">): string {
  if (minimum === 1 && maximum === 1) return "";
  const reluctantMark = reluctant ? "?" : "";
  if (maximum === undefined) return `${minimum === 0 ? "*" : minimum === 1 ? "+" : `{${minimum},}`}${reluctantMark}`;
  if (minimum === 0 && maximum === 1) return `?${reluctantMark}`;
  return `${minimum === maximum ? `{${minimum}}` : `{${minimum},${maximum}}`}${reluctantMark}`;
}
