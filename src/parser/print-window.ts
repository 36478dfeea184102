import type { FrameBound, OrderItem, WindowSpecNode } from "./ast/query.ts";
import { printIdentifier, type PrintContext } from "./print-context.ts";

/** `before` and `ORDER BY …`, or nothing. */
export function printOrderBy(items: readonly OrderItem[], before: string, ctx: PrintContext): string {
  if (items.length === 0) return "";
  const printed = items.map((item) => {
    const nulls = item.nullsFirst === undefined ? "" : item.nullsFirst ? " NULLS FIRST" : " NULLS LAST";
    return `${ctx.expression(item.expression)}${item.descending ? " DESC" : ""}${nulls}`;
  });
  return `${before}ORDER BY ${printed.join(", ")}`;
}

/** `(PARTITION BY … ORDER BY … ROWS BETWEEN … AND …)` */
export function printWindowSpec(spec: WindowSpecNode, ctx: PrintContext): string {
  const parts: string[] = spec.base === undefined ? [] : [printIdentifier(spec.base)];
  if (spec.partitionBy.length > 0) parts.push(`PARTITION BY ${spec.partitionBy.map(ctx.expression).join(", ")}`);
  if (spec.orderBy.length > 0) parts.push(printOrderBy(spec.orderBy, "", ctx));
  if (spec.frame !== undefined) {
    const { units, start, end } = spec.frame;
    parts.push(`${units} BETWEEN ${printBound(start, ctx)} AND ${printBound(end, ctx)}`);
  }
  return `(${parts.join(" ")})`;
}

function printBound(bound: FrameBound, ctx: PrintContext): string {
  return bound.offset === undefined ? bound.bound : `${ctx.expression(bound.offset)} ${bound.bound}`;
}
