import { SqlError } from "../../base/errors.ts";
import { printExpr } from "../../expressions/print.ts";
import type { MatchExpressions, MatchReference, MatchSpec, MatchVariable } from "../../runtime/spec.ts";
import type { Field } from "../../types/data-type.ts";
import type { Match } from "../logical/algebra.ts";
import { columnList, orderList } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { typesOf } from "./draft.ts";
import type { Lowering } from "./lower.ts";

/** MATCH_RECOGNIZE, which takes inserts only. */
export function lowerMatch(lowering: Lowering, plan: Match): Draft {
  const input = lowering.lower(plan.inputs[0]);
  if (!input.appendOnly) {
    throw new SqlError("PLANNING", "Match Recognize doesn't support consuming update changes", { span: plan.span });
  }
  const [first, ...order] = plan.order;
  const type = first === undefined ? undefined : input.fields[first.column]?.type;
  const rowtime = type !== undefined && "timeAttribute" in type && type.timeAttribute === "rowtime";
  const fold = (e: MatchExpressions): MatchExpressions => ({
    ...e,
    expressions: e.expressions.map((x) => lowering.context.fold(x)),
  });
  const spec: MatchSpec = {
    kind: "match",
    input: typesOf(input),
    partition: plan.partition,
    ...(rowtime && first !== undefined ? { time: first.column } : {}),
    order,
    variables: plan.variables.map((v) => ({
      ...v,
      condition: v.condition === undefined ? undefined : fold(v.condition),
    })),
    skip: plan.skip,
    withinMillis: plan.withinMillis,
    measures: fold(plan.measures),
  };
  return lowering.node(spec, [input], describe(plan, spec, input.fields), plan.schema.fields);
}

/** The line of EXPLAIN, in Flink's words. */
function describe(plan: Match, spec: MatchSpec, input: readonly Field[]): string {
  const { variables, skip, measures } = spec;
  const parts: string[] = [];
  if (plan.partition.length > 0) parts.push(`partitionBy=[${columnList(plan.partition, input)}]`);
  parts.push(`orderBy=[${orderList(plan.order, input)}]`);
  const names = measures.references.map((r) => referenceText(r, variables, input));
  const outputs = plan.schema.fields.slice(plan.partition.length);
  const list = measures.expressions.map((e, i) => `FINAL(${printExpr(e, names)}) AS ${outputs[i]!.name}`);
  parts.push(`measures=[${list.join(", ")}]`, "rowsPerMatch=[ONE ROW PER MATCH]", `after=[${skipText(spec, skip)}]`);
  parts.push(`pattern=[${variables.map(variableText).join(" ")}]`);
  if (plan.withinMillis > 0) parts.push(`within=[${plan.withinMillis} ms]`);
  const define = variables.flatMap(({ name, condition }) => {
    if (condition === undefined) return [];
    const references = condition.references.map((r) => referenceText(r, variables, input));
    return [`${name}=${printExpr(condition.expressions[0]!, references)}`];
  });
  parts.push(`define=[{${define.join(", ")}}]`);
  return `Match(${parts.join(", ")})`;
}

function referenceText(r: MatchReference, variables: readonly MatchVariable[], input: readonly Field[]): string {
  if (r.kind === "time") return "MATCH_ROWTIME()";
  const variable = variables[r.variable]?.name ?? "*";
  const column = (index: number): string => `${variable}.${input[index]?.name ?? `f${index}`}`;
  if (r.kind === "row") return `${r.from.toUpperCase()}(${column(r.column)}, ${r.offset})`;
  return `${r.call.function}(${r.call.args.map(column).join(", ")})`;
}

function skipText({ variables }: MatchSpec, skip: MatchSpec["skip"]): string {
  switch (skip.to) {
    case "past-last":
      return "SKIP PAST LAST ROW";
    case "next":
      return "SKIP TO NEXT ROW";
    case "first":
    case "last":
      return `SKIP TO ${skip.to.toUpperCase()} ${variables[skip.variable]!.name}`;
  }
}

function variableText({ name, minimum, maximum, reluctant }: MatchVariable): string {
  if (minimum === 1 && maximum === 1) return name;
  const reluctantMark = reluctant ? "?" : "";
  if (minimum === 0 && maximum === 1) return `${name}?`;
  if (maximum < 0) return `${name}${minimum === 0 ? "*" : minimum === 1 ? "+" : `{${minimum},}`}${reluctantMark}`;
  return `${name}{${minimum === maximum ? minimum : `${minimum},${maximum}`}}${reluctantMark}`;
}
