import type { CorrelateSpec } from "../../runtime/spec.ts";
import type { Correlate } from "../logical/algebra.ts";
import { expressionText } from "./describe.ts";
import { typesOf, uniqueFields, type Draft } from "./draft.ts";
import type { Lowering } from "./lower.ts";

/** A table function beside its input. */
export function lowerCorrelate(lowering: Lowering, plan: Correlate): Draft {
  const { call } = plan;
  const input = lowering.lower(plan.inputs[0]);
  const args = call.args.map((arg) => lowering.context.fold(arg));
  const condition = plan.condition === undefined ? undefined : lowering.context.fold(plan.condition);
  const spec: CorrelateSpec = {
    kind: "correlate",
    type: plan.type,
    input: typesOf(input),
    function: call.function,
    args,
    columns: plan.schema.fields.slice(input.fields.length).map((f) => f.type),
    withOrdinality: call.withOrdinality,
    ...(condition === undefined ? {} : { condition }),
  };
  const fields = uniqueFields(plan.schema.fields);
  const texts = args.map((arg) => expressionText(arg, input.fields));
  const invocation = `${call.function}(${texts.join(", ")})${call.withOrdinality ? " WITH ORDINALITY" : ""}`;
  const where = condition === undefined ? "" : `, condition=[${expressionText(condition, fields)}]`;
  const select = fields.map((f) => f.name).join(", ");
  const text = `Correlate(invocation=[${invocation}], select=[${select}], joinType=[${plan.type.toUpperCase()}]${where})`;
  const deterministic = lowering.context.functions.table(call.function)?.deterministic !== false;
  const shareable = deterministic && args.every((arg) => lowering.pure(arg));
  return lowering.node(spec, [input], text, plan.schema.fields, shareable);
}
