import type { Binary, Expression } from "../ast/expression.ts";
import type { TreeReader } from "./tree-reader.ts";

/**
 * Some of the foreign grammars group operators wrongly (`a AND b OR c` becomes `a AND (b OR c)`), but all mark what stood in parentheses. So
 * a tree of operators is laid out again in the order of the text and grouped here, by the rules that all the dialects share;
 * where they differ, parentheses are asked for.
 */
export type Item =
  | { readonly kind: "operand"; readonly value: Expression }
  | { readonly kind: "prefix"; readonly operator: "NOT" | "-" | "+"; readonly node: TreeReader }
  | {
      readonly kind: "infix";
      readonly operator: string;
      readonly node: TreeReader;
      readonly build: (left: Expression, right: Expression) => Expression;
    }
  | { readonly kind: "postfix"; readonly node: TreeReader; readonly build: (operand: Expression) => Expression };

const OR = 1;
const AND = 2;
const NOT = 3;
/** Comparisons, IN, BETWEEN, LIKE, IS: one of them at most between parentheses. */
const PREDICATE = 4;
const SUM = 5;
const PRODUCT = 6;
const SIGN = 7;

const LEVELS: Readonly<Record<string, number>> = {
  OR,
  AND,
  "+": SUM,
  "-": SUM,
  "||": SUM,
  "*": PRODUCT,
  "/": PRODUCT,
  "%": PRODUCT,
};

/** The expression that the items mean. Throws UNSUPPORTED where the dialects differ. */
export function group(items: readonly Item[], root: TreeReader): Expression {
  refuseMixed(items);
  let at = 0;
  const level = (item: Item): number =>
    item.kind === "infix" ? (LEVELS[item.operator] ?? PREDICATE) : item.kind === "postfix" ? PREDICATE : 0;

  const parse = (least: number): Expression => {
    let left = parsePrefix();
    let predicates = 0;
    for (let next = items[at]; next !== undefined; next = items[at]) {
      const own = level(next);
      if (own <= least || next.kind === "operand" || next.kind === "prefix") break;
      if (own === PREDICATE && ++predicates > 1)
        throw next.node.unsupported("a comparison of a comparison", "write parentheses");
      at += 1;
      if (next.kind === "postfix") left = next.build(left);
      else left = next.build(left, parse(own));
      if (own < PREDICATE) predicates = 0;
    }
    return left;
  };
  const parsePrefix = (): Expression => {
    const item = items[at];
    at += 1;
    if (item?.kind === "operand") return item.value;
    if (item?.kind !== "prefix") throw root.unsupported("this expression", "write parentheses");
    const operand = parse(item.operator === "NOT" ? NOT : SIGN);
    return { kind: "Unary", span: item.node.span, operator: item.operator, operand };
  };

  const result = parse(0);
  if (at < items.length) throw root.unsupported("this expression", "write parentheses");
  return result;
}

/** `||` binds as tightly as a product here, as a sum there, and in between elsewhere; NOT cannot stand behind an operator of numbers. */
function refuseMixed(items: readonly Item[]): void {
  let bars: boolean | undefined;
  for (const [i, item] of items.entries()) {
    if (item.kind === "prefix" && item.operator === "NOT") {
      const before = items[i - 1];
      if (before?.kind === "infix" && before.operator !== "AND" && before.operator !== "OR")
        throw item.node.unsupported("NOT behind an operator", "write parentheses");
    }
    if (item.kind === "postfix") bars = undefined;
    if (item.kind !== "infix") continue;
    if ((LEVELS[item.operator] ?? 0) < SUM) {
      bars = undefined;
      continue;
    }
    const isBars = item.operator === "||";
    if (bars !== undefined && bars !== isBars)
      throw item.node.unsupported("|| next to + - * / without parentheses", "write parentheses");
    bars = isBars;
  }
}

/** An operator between two expressions. */
export function binaryOf(operator: Binary["operator"]): (left: Expression, right: Expression) => Expression {
  return (left, right) => ({
    kind: "Binary",
    span: { start: Math.min(left.span.start, right.span.start), end: Math.max(left.span.end, right.span.end) },
    operator,
    left,
    right,
  });
}
