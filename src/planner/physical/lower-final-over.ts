import { sqlName } from "../../functions/aggregate/avg.ts";
import type { FinalOverCall, FinalOverSpec, FrameBound, FrameSpec } from "../../runtime/spec.ts";
import type { Field } from "../../types/data-type.ts";
import type { Over } from "../logical/algebra.ts";
import { columnList, orderList } from "./describe.ts";
import { typesOf, type Draft } from "./draft.ts";
import type { Lowering } from "./lower.ts";
import { finalRows } from "./lower-batch.ts";
import { withArguments, withoutArguments } from "./over-arguments.ts";

/** Over in batch mode → a `final-over` operator over the rows that are left in the end. */
export function lowerFinalOver(lowering: Lowering, plan: Over): Draft {
  const width = plan.inputs[0].schema.fields.length;
  const { input: rows, calls } = withArguments(lowering, plan, []);
  const input = rows.appendOnly ? rows : finalRows(lowering, rows, []);
  const spec: FinalOverSpec = {
    kind: "final-over",
    input: typesOf(input),
    partition: plan.partition,
    order: plan.order,
    calls: calls.map((call, i) => ({ ...call, frame: plan.functions[i]!.frame })),
  };
  const fields = [...input.fields, ...plan.schema.fields.slice(width)];
  const draft = lowering.node(spec, [input], describe(spec, input.fields, fields), fields);
  return input.fields.length === width ? draft : withoutArguments(lowering, draft, plan, input.fields.length);
}

/** `OverAggregate(partitionBy=[k], orderBy=[v ASC], window#0=[RANK() AS r RANGE BETWEEN …], select=[…])` */
function describe(spec: FinalOverSpec, input: readonly Field[], fields: readonly Field[]): string {
  const partition = spec.partition.length === 0 ? [] : [`partitionBy=[${columnList(spec.partition, input)}]`];
  const order = spec.order.length === 0 ? [] : [`orderBy=[${orderList(spec.order, input)}]`];
  const groups = new Map<string, string[]>();
  spec.calls.forEach((call, i) => {
    const frame = frameText(call.frame);
    const functions = groups.get(frame) ?? [];
    functions.push(`${callText(call, input)} AS ${fields[input.length + i]!.name}`);
    groups.set(frame, functions);
  });
  const windows = [...groups].map(([frame, functions], i) => `window#${i}=[${functions.join(", ")} ${frame}]`);
  const select = `select=[${fields.map((f) => f.name).join(", ")}]`;
  return `OverAggregate(${[...partition, ...order, ...windows, select].join(", ")})`;
}

function callText(call: FinalOverCall, input: readonly Field[]): string {
  const args = call.args.map((arg, i) => {
    const literal = call.literals[i];
    return i > 0 && literal !== undefined ? String(literal) : (input[arg]?.name ?? `f${arg}`);
  });
  return `${sqlName(call.function)}(${args.length === 0 && call.function === "COUNT" ? "*" : args.join(", ")})`;
}

function frameText({ units, start, end }: FrameSpec): string {
  return `${units} BETWEEN ${boundText(start, "PRECEDING")} AND ${boundText(end, "FOLLOWING")}`;
}

function boundText(bound: FrameBound, unbounded: "PRECEDING" | "FOLLOWING"): string {
  if (bound === "unbounded") return `UNBOUNDED ${unbounded}`;
  if (Number(bound) === 0) return "CURRENT ROW";
  return Number(bound) < 0 ? `${-Number(bound)} PRECEDING` : `${bound} FOLLOWING`;
}
