import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import { isText, type DataType } from "../../types/data-type.ts";
import type { MatchExpressions, MatchSkip, MatchVariable } from "../../runtime/spec.ts";
import type { Match, SortKey } from "../logical/algebra.ts";
import { asCondition } from "./coercion.ts";
import type { Binding, Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { MatchInput, bindMatchExpressions, type PatternContext } from "./match-expressions.ts";
import { sortKey } from "./order.ts";
import type { Relation, Scope } from "./scope.ts";

/** Binds `input MATCH_RECOGNIZE ( … )`; `scope` is that of its input. */
export function bindMatch(node: ast.MatchRecognize, input: Relation, scope: Scope, binding: Binding): Relation {
  const names = new Set<string>();
  for (const { variable, span } of node.pattern) {
    if (names.has(variable.name))
      throw refused("Pattern variables must be unique. That might change in the future.", span);
    names.add(variable.name);
  }
  const clause = (name: string): Environment => ({ binding, scope, clause: name });
  const keys = node.partitionBy.map((e) => plainColumn(e, clause("PARTITION BY")));
  const order = node.orderBy.map((item) => ({
    expression: plainColumn(item.expression, clause("ORDER BY")),
    item,
  }));
  checkOrder(node, order[0]?.expression);
  const source = new MatchInput(input.plan, input.names);
  const partition = keys.map((key) => source.addKey(key));
  const sortKeys = order.map(({ expression, item }): SortKey => sortKey(source.add(expression), item));
  const pattern = node.pattern.map(checkQuantifier);
  checkPattern(node, pattern);
  const context = { source, binding, variables: pattern, time: order[0]?.expression.type };
  const conditions = bindDefine(node, context);
  const measures = bindMatchExpressions(
    node.measures.map((m) => m.expression),
    { ...context, current: undefined, alone: undefined, clause: "MEASURES" },
  );
  const outputs = [...keys.map((_, i) => source.nameOf(partition[i]!)), ...node.measures.map((m) => m.name.name)];
  checkNames(node, outputs);
  const types: readonly DataType[] = [...keys.map((k) => k.type), ...measures.expressions.map((e) => e.type)];
  const plan: Match = {
    kind: "Match",
    schema: { fields: types.map((type, i) => ({ name: outputs[i]!, type })) },
    inputs: [source.plan()],
    partition,
    order: sortKeys,
    variables: pattern.map((v, i): MatchVariable => ({ ...v, condition: conditions[i] })),
    skip: bindSkip(node.skip, pattern),
    withinMillis: node.within === undefined ? 0 : withinMillis(node.within, clause("WITHIN")),
    measures,
    span: node.span,
  };
  return { plan, names: outputs };
}

function refused(message: string, span: Span, hint?: string): SqlError {
  return new SqlError("PLANNING", message, { span, hint });
}

function plainColumn(node: ast.Expression, env: Environment): Expr {
  const bound = bindExpression(node, env);
  if (bound.kind === "column") return bound;
  throw new SqlError("INVALID_QUERY", `${env.clause} of MATCH_RECOGNIZE takes only columns`, {
    span: node.span,
    hint: "compute it in a subquery: FROM (SELECT *, … AS x FROM t) MATCH_RECOGNIZE (…)",
  });
}

function checkOrder(node: ast.MatchRecognize, first: Expr | undefined): void {
  if (first === undefined) throw refused("You must specify either rowtime or proctime for order by.", node.span);
  const { type } = first;
  const attribute = "timeAttribute" in type ? type.timeAttribute : undefined;
  const { span } = node.orderBy[0]!;
  if (attribute === undefined) {
    throw refused(
      "You must specify either rowtime or proctime for order by as the first one.",
      span,
      "declare WATERMARK FOR the column in CREATE TABLE, and pass it on unchanged",
    );
  }
  if (node.orderBy[0]!.descending)
    throw refused("Primary sort order of a streaming table must be ascending on time.", span);
}

type Quantified = Omit<MatchVariable, "condition">;

function checkQuantifier({ variable, minimum, maximum, reluctant, span }: ast.PatternVariable): Quantified {
  if (maximum !== undefined && (maximum === 0 || maximum < minimum)) {
    const text = `The to should be a number greater than or equal to from: ${Math.max(1, minimum)}.`;
    throw refused(text, span);
  }
  if (reluctant && minimum === 0 && maximum === 1)
    throw refused("Reluctant optional variables are not supported yet.", span, "write *? or + instead of ??");
  return { name: variable.name, minimum, maximum: maximum ?? -1, reluctant };
}

/** What is refused of the pattern as a whole. */
function checkPattern(node: ast.MatchRecognize, pattern: readonly Quantified[]): void {
  if (pattern.every((v) => v.minimum === 0)) {
    throw refused(
      "Patterns that can produce empty matches are not supported. There must be at least one non-optional state.",
      node.pattern[0]!.span,
    );
  }
  for (const [i, variable] of pattern.entries()) {
    const optional = variable.minimum === 0 && (variable.maximum < 0 || variable.maximum === 1);
    if (optional && i > 0 && isGreedy(pattern[i - 1]!))
      throw refused("Optional pattern cannot be preceded by greedy pattern", node.pattern[i]!.span);
  }
  if (isGreedy(pattern.at(-1)!)) {
    throw refused(
      "Greedy quantifiers are not allowed as the last element of a Pattern yet. Finish your pattern with either a simple variable or reluctant quantifier.",
      node.pattern.at(-1)!.span,
    );
  }
}

/** It takes as many rows as it can; `A?` and `A{3}` do not count as such. */
function isGreedy({ minimum, maximum, reluctant }: Quantified): boolean {
  return !reluctant && minimum !== maximum && !(minimum === 0 && maximum === 1);
}

/** The condition of each variable. Conditions of variables that the pattern does not have are only checked, as in Flink. */
function bindDefine(
  node: ast.MatchRecognize,
  context: Omit<PatternContext, "current" | "alone" | "clause">,
): readonly (MatchExpressions | undefined)[] {
  const conditions: (MatchExpressions | undefined)[] = context.variables.map(() => undefined);
  const defined = new Set<string>();
  for (const { variable, condition, span } of node.define) {
    if (defined.has(variable.name)) {
      throw new SqlError("INVALID_QUERY", `Pattern variable '${variable.name}' has already been defined`, { span });
    }
    defined.add(variable.name);
    const current = context.variables.findIndex((v) => v.name === variable.name);
    const alone = current < 0 ? variable.name : undefined;
    const bound = bindMatchExpressions([condition], { ...context, current, alone, clause: "DEFINE" });
    const expressions = bound.expressions.map((e) => checkCondition(e, condition.span));
    if (current >= 0) conditions[current] = { ...bound, expressions };
  }
  return conditions;
}

function checkCondition(expr: Expr, span: Span): Expr {
  const isCondition = expr.type.kind === "BOOLEAN" || expr.type.kind === "NULL" || isText(expr.type);
  if (!isCondition) throw new SqlError("TYPE_MISMATCH", "DEFINE clause must be a condition", { span });
  return asCondition(expr, "DEFINE", span);
}

function bindSkip({ to, variable }: ast.MatchSkip, pattern: readonly Quantified[]): MatchSkip {
  if (to === "PAST LAST ROW") return { to: "past-last" };
  if (to === "NEXT ROW") return { to: "next" };
  const found = pattern.findIndex((v) => v.name === variable?.name);
  if (found < 0) {
    throw new SqlError("INVALID_QUERY", `Unknown pattern '${variable?.name}'`, { span: variable?.span });
  }
  return { to: to === "FIRST" ? "first" : "last", variable: found };
}

function withinMillis(node: ast.Expression, env: Environment): number {
  const bound = bindExpression(node, env);
  if (bound.kind === "literal" && bound.type.kind === "INTERVAL_DAY_TIME") return Math.max(0, Number(bound.value));
  throw refused(
    "Only constant intervals with millisecond resolution are supported as time constraints of patterns.",
    node.span,
  );
}

function checkNames(node: ast.MatchRecognize, names: readonly string[]): void {
  const ambiguous = names.filter((name, i) => names.indexOf(name) !== i);
  if (node.measures.length > 0 && ambiguous.length === 0) return;
  const measure = node.measures.find((m) => ambiguous.includes(m.name.name));
  throw new SqlError(
    "INVALID_QUERY",
    node.measures.length === 0
      ? "MATCH_RECOGNIZE needs MEASURES"
      : `Columns ambiguously defined: {${ambiguous.join(", ")}}`,
    { span: measure?.span ?? node.span, hint: "partition columns come out under their own names" },
  );
}
