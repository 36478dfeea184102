import { sqlName } from "../../functions/aggregate/avg.ts";
import { SqlError } from "../../base/errors.ts";
import type { AggregateCallSpec, FrameBound, OverSpec } from "../../runtime/spec.ts";
import type { Field } from "../../types/data-type.ts";
import type { AggregateCall, Over } from "../logical/algebra.ts";
import { columnList, orderList } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { typesOf } from "./draft.ts";
import { timeAttribute } from "../traits/time-attributes.ts";
import type { Lowering } from "./lower.ts";
import { withArguments, withoutArguments } from "./over-arguments.ts";

/** Over → an `over` operator, with a calc below for arguments that are more than columns, and one above without them. */
export function lowerOver(lowering: Lowering, plan: Over): Draft {
  for (const { function: name } of plan.functions) {
    if (NOT_STREAMING.has(name)) refuse(plan, `${name} Function is not supported in stream mode.`);
  }
  const [order] = plan.order;
  if (order === undefined || plan.order.length !== 1)
    refuse(plan, "The window can only be ordered by a single time column.");
  if (order.descending) refuse(plan, "The window can only be ordered in ASCENDING mode.");
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
    frame: frameOf(plan),
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

function refuse(plan: Over, message: string): never {
  throw new SqlError("PLANNING", message, { span: plan.span, hint: "batch mode has all windows" });
}

/** All functions of a streaming window have one frame, which ends at the row. */
function frameOf(plan: Over): OverSpec["frame"] {
  const { units, start } = plan.functions[0]!.frame;
  return { units, preceding: start === "unbounded" ? start : units === "RANGE" ? millisOf(start) : -Number(start) };
}

/** The unit of a finer timestamp is the nanosecond. */
function millisOf(start: Exclude<FrameBound, "unbounded">): number {
  return typeof start === "bigint" ? Number(-start / 1_000_000n) : -start;
}

/** What holds for windows in the order of a column. */
function checkUpdating(lowering: Lowering, plan: Over): void {
  if (plan.functions[0]!.frame.start !== "unbounded")
    refuse(plan, "Non-time attribute sort is not supported for bounded OVER window.");
  const distinct = plan.functions.find((f) => f.distinct);
  if (distinct === undefined) return;
  const name = lowering.context.functions.overFunction(distinct.function)?.name ?? distinct.function;
  throw new SqlError("UNSUPPORTED", `${name}(DISTINCT …) OVER in the order of a column that is no time attribute`, {
    span: plan.span,
    hint: "order by a time attribute",
  });
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
  return `${sqlName(call.function)}(${call.distinct ? "DISTINCT " : ""}${args.length === 0 ? star : args.join(", ")}) AS ${name}`;
}
