import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { column, type Expr } from "../../expressions/expr.ts";

import type * as ast from "../../parser/index.ts";
import { isText, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import type { MatchExpressions, MatchSkip, MatchVariable } from "../../runtime/spec.ts";
import type { Match, SortKey } from "../logical/algebra.ts";
import { callsOf } from "../logical/rewrite.ts";
import { asCondition } from "./coercion.ts";
import type { Binding, Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { MatchInput, bindMatchExpressions, type PatternContext } from "./match-expressions.ts";
import { bindPattern, type Subset } from "./match-pattern.ts";
import { sortKey } from "./order.ts";
import type { Relation, Scope } from "./scope.ts";

/** Binds `input MATCH_RECOGNIZE ( … )`; `scope` is that of its input. */
export function bindMatch(node: ast.MatchRecognize, input: Relation, scope: Scope, binding: Binding): Relation {
  const { variables, subsets: declared, pattern } = bindPattern(node);
  const subsets = [...declared, ...withoutRows(node, [...variables, ...declared])];
  const allRows = bindAllRows(node);
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
  const context = {
    source,
    binding,
    variables,
    subsets,
    isStandard: pattern !== undefined,
    allRows: allRows !== undefined,
    time: order[0]?.expression.type,
  };
  const conditions = bindDefine(node, declared, context);
  const own = bindMatchExpressions(
    node.measures.map((m) => m.expression),
    { ...context, current: undefined, alone: undefined, clause: "MEASURES" },
  );
  const named: NamedMeasures = { measures: own, names: node.measures.map((m) => m.name.name) };
  const { measures, names } =
    allRows === undefined
      ? named
      : withColumns(
          named,
          source,
          keys,
          order.map((o) => o.expression),
        );
  const outputs = [...keys.map((_, i) => source.nameOf(partition[i]!)), ...names];
  checkNames(node, outputs);
  const types: readonly DataType[] = [...keys.map((k) => k.type), ...measures.expressions.map((e) => e.type)];
  const plan: Match = {
    kind: "Match",
    schema: { fields: types.map((type, i) => ({ name: outputs[i]!, type })) },
    inputs: [source.plan()],
    partition,
    order: sortKeys,
    variables: variables.map((v, i): MatchVariable => ({ ...v, condition: conditions[i] })),
    pattern,
    subsets,
    allRows,
    skip: bindSkip(node.skip, [...variables, ...declared], pattern !== undefined),
    withinMillis: node.within === undefined ? 0 : withinMillis(node.within, clause("WITHIN")),
    measures,
    span: node.span,
  };
  return { plan, names: outputs };
}

function bindAllRows({ allRows, span }: ast.MatchRecognize): Match["allRows"] {
  if (allRows === "WITH UNMATCHED ROWS") {
    throw new SqlError("UNSUPPORTED", "ALL ROWS PER MATCH WITH UNMATCHED ROWS is not supported", {
      span,
      hint: "write ALL ROWS PER MATCH, and join with the rows of the table",
    });
  }
  return allRows === undefined ? undefined : { emptyMatches: allRows === "SHOW EMPTY MATCHES" };
}

interface NamedMeasures {
  readonly measures: MatchExpressions;
  readonly names: readonly string[];
}

/** The measures between the columns of ORDER BY and those that are left, which come out with all rows of a match. */
function withColumns(
  { measures, names }: NamedMeasures,
  source: MatchInput,
  keys: readonly Expr[],
  order: readonly Expr[],
): NamedMeasures {
  const references = [...measures.references];
  const types = [...measures.types];
  const indexesOf = (columns: readonly Expr[]): readonly number[] =>
    columns.flatMap((c) => (c.kind === "column" ? [c.index] : []));
  const partition = new Set(indexesOf(keys));
  const first = [...new Set(indexesOf(order))].filter((i) => !partition.has(i));
  const rest = source.fields.map((_, i) => i).filter((i) => !partition.has(i) && !first.includes(i));
  const present = (index: number): Expr => {
    // A row comes out when its match is known, which is behind its time.
    const type = withoutTimeAttribute(source.fields[index]!.type);
    references.push({ kind: "present", column: source.add(column(index, source.fields[index]!.type)) });
    types.push(type);
    return column(references.length - 1, type);
  };
  const nameOf = (index: number): string => source.names[index] ?? source.fields[index]!.name;
  const expressions = [...first.map(present), ...measures.expressions, ...rest.map(present)];
  return {
    measures: { references, types, expressions },
    names: [...first.map(nameOf), ...names, ...rest.map(nameOf)],
  };
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

/** A variable that DEFINE has and the pattern has not is known, as in Flink, and never has a row: a subset of nothing. */
function withoutRows(node: ast.MatchRecognize, known: readonly { readonly name: string }[]): readonly Subset[] {
  const names = new Set(node.define.map(({ variable }) => variable.name));
  for (const { name } of known) names.delete(name);
  return [...names].map((name) => ({ name, variables: [] }));
}

/** The condition of each variable. Conditions of variables that the pattern does not have are only checked, as in Flink. */
function bindDefine(
  node: ast.MatchRecognize,
  declared: readonly Subset[],
  context: Omit<PatternContext, "current" | "alone" | "clause">,
): readonly (MatchExpressions | undefined)[] {
  const conditions: (MatchExpressions | undefined)[] = context.variables.map(() => undefined);
  const defined = new Set<string>();
  for (const { variable, condition, span } of node.define) {
    if (defined.has(variable.name)) {
      throw new SqlError("INVALID_QUERY", `Pattern variable '${variable.name}' has already been defined`, { span });
    }
    defined.add(variable.name);
    if (declared.some((subset) => subset.name === variable.name)) {
      throw new SqlError("INVALID_QUERY", `The subset '${variable.name}' cannot have a condition of its own`, { span });
    }
    const current = context.variables.findIndex((v) => v.name === variable.name);
    const alone = current < 0 ? variable.name : undefined;
    const subsets = context.subsets.filter((subset) => subset.name !== alone);
    const bound = bindMatchExpressions([condition], { ...context, subsets, current, alone, clause: "DEFINE" });
    const expressions = bound.expressions.map((e) => checkCondition(e, condition.span));
    if (context.isStandard) for (const each of expressions) checkRepeatable(each, context.binding, condition.span);
    if (current >= 0) conditions[current] = { ...bound, expressions };
  }
  return conditions;
}

function checkCondition(expr: Expr, span: Span): Expr {
  const isCondition = expr.type.kind === "BOOLEAN" || expr.type.kind === "NULL" || isText(expr.type);
  if (!isCondition) throw new SqlError("TYPE_MISMATCH", "DEFINE clause must be a condition", { span });
  return asCondition(expr, "DEFINE", span);
}

/** The search asks about a row again when it starts from another one: the answer must be the same. */
function checkRepeatable(condition: Expr, { functions }: Binding, span: Span): void {
  const found = [...callsOf(condition)].find((call) => functions.scalar(call.function)?.stability === "row");
  if (found === undefined) return;
  throw new SqlError(
    "UNSUPPORTED",
    `${found.function} in DEFINE is not supported with a pattern that Flink does not have`,
    {
      span,
      hint: "compute it in a subquery: FROM (SELECT *, … AS x FROM t) MATCH_RECOGNIZE (…)",
    },
  );
}

/** Without AFTER MATCH Flink goes on at the next row, whatever its documentation says; SQL:2016 past the last one. */
function bindSkip(
  skip: ast.MatchSkip | undefined,
  names: readonly { readonly name: string }[],
  isStandard: boolean,
): MatchSkip {
  if (skip === undefined) return { to: isStandard ? "past-last" : "next" };
  const { to, variable } = skip;
  if (to === "PAST LAST ROW") return { to: "past-last" };
  if (to === "NEXT ROW") return { to: "next" };
  const found = names.findIndex((v) => v.name === variable?.name);
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
  const isNothing = node.measures.length === 0 && node.allRows === undefined;
  if (!isNothing && ambiguous.length === 0) return;
  const measure = node.measures.find((m) => ambiguous.includes(m.name.name));
  throw new SqlError(
    "INVALID_QUERY",
    isNothing ? "MATCH_RECOGNIZE needs MEASURES" : `Columns ambiguously defined: {${ambiguous.join(", ")}}`,
    {
      span: measure?.span ?? node.span,
      hint:
        node.allRows === undefined
          ? "partition columns come out under their own names"
          : "all columns come out under their own names",
    },
  );
}
