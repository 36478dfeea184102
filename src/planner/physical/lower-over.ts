import { SqlError } from "../../base/errors.ts";
import { column, type Expr } from "../../expressions/expr.ts";
import type { AggregateCallSpec, OverSpec } from "../../runtime/spec.ts";
import type { Field } from "../../types/data-type.ts";
import type { AggregateCall, LogicalPlan, Over, Project } from "../logical/algebra.ts";
import { digest } from "../logical/rewrite.ts";
import { columnList, orderList } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { typesOf } from "./draft.ts";
import { timeAttribute } from "../traits/time-attributes.ts";
import type { Lowering } from "./lower.ts";

/** Over → an `over` operator, with a calc below for arguments that are more than columns, and one above without them. */
export function lowerOver(lowering: Lowering, plan: Over): Draft {
  for (const { function: name } of plan.functions) {
    if (NOT_STREAMING.has(name)) refuse(lowering, plan, `${name} Function is not supported in stream mode.`);
  }
  const [order] = plan.order;
  if (order === undefined || plan.order.length !== 1)
    refuse(lowering, plan, "The window can only be ordered by a single time column.");
  if (order.descending) refuse(lowering, plan, "The window can only be ordered in ASCENDING mode.");
  const attribute = timeAttribute(plan.inputs[0], order.column);
  if (attribute === undefined) checkUpdating(lowering, plan);
  const width = plan.inputs[0].schema.fields.length;
  const { input, calls } = withArguments(lowering, plan, attribute === undefined ? plan.partition : []);
  if (attribute !== undefined && !input.appendOnly) {
    throw new SqlError(
      "CHANGELOG_MODE",
      `OVER in the order of time doesn't support consuming update and delete changes which is produced by node ${input.description}`,
      {
        span: plan.span,
        hint: "order by a column that is no time attribute: CAST it, or leave time attributes out of the subquery",
      },
    );
  }
  const spec: OverSpec = {
    kind: "over",
    input: typesOf(input),
    partition: plan.partition,
    order:
      attribute === undefined
        ? { by: "column", column: order }
        : attribute === "rowtime"
          ? { by: "rowtime", column: order.column }
          : { by: "proctime" },
    frame: plan.frame,
    aggregates: calls,
    retracting: !input.appendOnly,
    ttlMillis: lowering.ttlMillis,
  };
  const results = plan.schema.fields.slice(width);
  const fields = [...input.fields, ...results];
  const draft = lowering.node(spec, [input], describe(spec, plan, input.fields, results), fields);
  return input.fields.length === width ? draft : withoutArguments(lowering, draft, plan, input.fields.length);
}

const NOT_STREAMING: ReadonlySet<string> = new Set(["LEAD", "NTILE", "CUME_DIST", "PERCENT_RANK"]);

/** Flink's words in streaming mode; in batch mode it has these windows, and millrace has not. */
function refuse(lowering: Lowering, plan: Over, message: string): never {
  if (!lowering.batch) throw new SqlError("PLANNING", message, { span: plan.span });
  throw new SqlError("UNSUPPORTED", `this OVER window is not supported in batch mode: ${message}`, {
    span: plan.span,
    hint: "batch mode has the OVER windows of streaming mode",
  });
}

/** What holds for windows in the order of a column. */
function checkUpdating(lowering: Lowering, plan: Over): void {
  if (plan.frame.preceding !== "unbounded")
    refuse(lowering, plan, "Non-time attribute sort is not supported for bounded OVER window.");
  const distinct = plan.functions.find((f) => f.distinct);
  if (distinct === undefined) return;
  const name = lowering.context.functions.overFunction(distinct.function)?.name ?? distinct.function;
  throw new SqlError("UNSUPPORTED", `${name}(DISTINCT …) OVER in the order of a column that is no time attribute`, {
    span: plan.span,
    hint: "order by a time attribute",
  });
}

/**
 * The input with the arguments of the functions as columns. `apart`: columns that the operator does not read as
 * arguments, which get a copy.
 */
function withArguments(
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
    const first = call.args[0] === undefined ? -1 : columnOf(call.args[0]);
    return {
      function: call.function,
      args: call.args.map((arg, i) => (i === 0 || isConstantOfLag(call, i) ? first : columnOf(arg))),
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

/** The offset and the default of LAG are read from `literals`, and their columns would be stored with each row. */
function isConstantOfLag(call: AggregateCall, argument: number): boolean {
  return call.function === "LAG" && call.literals[argument] !== undefined;
}

function sameExpr(a: Expr, b: Expr): boolean {
  return digest(a) === digest(b);
}

function withoutArguments(lowering: Lowering, over: Draft, plan: Over, inputWidth: number): Draft {
  const width = plan.inputs[0].schema.fields.length;
  const projections = plan.schema.fields.map((field, i) => column(i < width ? i : inputWidth + i - width, field.type));
  return lowering.node(
    { kind: "calc", input: typesOf(over), projections },
    [over],
    `Calc(select=[${plan.schema.fields.map((f) => f.name).join(", ")}])`,
    plan.schema.fields,
  );
}

/** `OverAggregate(partitionBy=[k], orderBy=[ts ASC], window=[RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW], select=[…])` */
function describe(spec: OverSpec, plan: Over, input: readonly Field[], results: readonly Field[]): string {
  const partition = spec.partition.length === 0 ? "" : `partitionBy=[${columnList(spec.partition, input)}], `;
  const preceding = spec.frame.preceding === "unbounded" ? "UNBOUNDED" : String(spec.frame.preceding);
  const functions = plan.functions.map((call, i) => functionText(call, spec.aggregates[i]!, input, results[i]!.name));
  const select = [...input.map((f) => f.name), ...functions].join(", ");
  const window = `${spec.frame.units} BETWEEN ${preceding} PRECEDING AND CURRENT ROW`;
  return `OverAggregate(${partition}orderBy=[${orderList(plan.order, input)}], window=[${window}], select=[${select}])`;
}

function functionText(call: AggregateCall, spec: AggregateCallSpec, input: readonly Field[], name: string): string {
  const star = call.function === "COUNT" ? "*" : "";
  const args = spec.args.map((arg, i) => {
    const literal = spec.literals[i];
    return i > 0 && literal !== undefined ? String(literal) : (input[arg]?.name ?? `f${arg}`);
  });
  return `${call.function}(${call.distinct ? "DISTINCT " : ""}${args.length === 0 ? star : args.join(", ")}) AS ${name}`;
}
