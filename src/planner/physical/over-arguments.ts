import { column, type Expr } from "../../expressions/expr.ts";
import type { AggregateCallSpec } from "../../runtime/spec.ts";
import type { Field } from "../../types/data-type.ts";
import type { AggregateCall, LogicalPlan, Over, Project } from "../logical/algebra.ts";
import { digest } from "../logical/rewrite.ts";
import { typesOf, type Draft } from "./draft.ts";
import type { Lowering } from "./lower.ts";

/**
 * The input with the arguments of the functions as columns. `apart`: columns that the operator does not read as
 * arguments, which get a copy.
 */
export function withArguments(
  lowering: Lowering,
  plan: Over,
  apart: readonly number[],
): { readonly input: Draft; readonly calls: readonly AggregateCallSpec[] } {
  const below: LogicalPlan = plan.inputs[0];
  const { fields } = below.schema;
  const added: Expr[] = [];
  const addedFields: Field[] = [];
  const columnOf = (raw: Expr): number => {
    const expr = lowering.context.fold(raw);
    if (expr.kind === "column" && !apart.includes(expr.index)) return expr.index;
    const known = added.findIndex((each) => sameExpr(each, expr));
    if (known >= 0) return fields.length + known;
    addedFields.push({ name: `$f${fields.length + added.length}`, type: expr.type });
    return fields.length + added.push(expr) - 1;
  };
  const calls = plan.functions.map((call): AggregateCallSpec => {
    const first = call.args[0] === undefined || call.function === "NTILE" ? -1 : columnOf(call.args[0]);
    return {
      function: call.function,
      args: first < 0 ? [] : call.args.map((arg, i) => (i === 0 || isShift(call, i) ? first : columnOf(arg))),
      argTypes: call.args.map((arg) => arg.type),
      literals: call.literals,
      distinct: call.distinct,
      result: call.type,
      name: call.name,
    };
  });
  if (added.length === 0) return { input: lowering.lower(below), calls };
  const project: Project = {
    kind: "Project",
    schema: { fields: [...fields, ...addedFields] },
    inputs: [below],
    expressions: [...fields.map((f, i) => column(i, f.type)), ...added],
  };
  return { input: lowering.lower(project), calls };
}

/** A constant offset or default of LAG and LEAD is read from `literals`, and its column would be stored with each row. */
function isShift(call: AggregateCall, argument: number): boolean {
  return (call.function === "LAG" || call.function === "LEAD") && call.literals[argument] !== undefined;
}

function sameExpr(a: Expr, b: Expr): boolean {
  return digest(a) === digest(b);
}

/** The operator's output without the columns that `withArguments` added. */
export function withoutArguments(lowering: Lowering, over: Draft, plan: Over, inputWidth: number): Draft {
  const width = plan.inputs[0].schema.fields.length;
  const projections = plan.schema.fields.map((field, i) => column(i < width ? i : inputWidth + i - width, field.type));
  return lowering.node(
    { kind: "calc", input: typesOf(over), projections },
    [over],
    `Calc(select=[${plan.schema.fields.map((f) => f.name).join(", ")}])`,
    plan.schema.fields,
  );
}
