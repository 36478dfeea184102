import { sqlName } from "../../functions/aggregate/avg.ts";
import { SqlError } from "../../base/errors.ts";
import { printExpr } from "../../expressions/print.ts";
import type { MatchExpressions, MatchPattern, MatchReference, MatchSpec, MatchVariable } from "../../runtime/spec.ts";
import type { Field } from "../../types/data-type.ts";
import type { Match } from "../logical/algebra.ts";
import { patternText } from "../logical/pattern-text.ts";
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
    ...(plan.pattern === undefined ? {} : { pattern: plan.pattern }),
    ...(plan.subsets.length === 0 ? {} : { subsets: plan.subsets.map((subset) => subset.variables) }),
    ...(plan.allRows === undefined ? {} : { allRows: plan.allRows }),
    ...(isNumbered(plan) ? { numbered: true } : {}),
    skip: plan.skip,
    withinMillis: plan.withinMillis,
    measures: fold(plan.measures),
  };
  return lowering.node(spec, [input], describe(plan, spec, input.fields), plan.schema.fields);
}

function isNumbered({ variables, measures }: Match): boolean {
  const all = [...variables.map((v) => v.condition), measures];
  return all.some((expressions) => expressions?.references.some((r) => r.kind === "number") === true);
}

/** The line of EXPLAIN, in Flink's words. */
function describe(plan: Match, spec: MatchSpec, input: readonly Field[]): string {
  const { variables, skip, measures } = spec;
  const parts: string[] = [];
  const names = [...variables.map((v) => v.name), ...plan.subsets.map((subset) => subset.name)];
  const text = (r: MatchReference): string => referenceText(r, names, input);
  if (plan.partition.length > 0) parts.push(`partitionBy=[${columnList(plan.partition, input)}]`);
  parts.push(`orderBy=[${orderList(plan.order, input)}]`);
  const references = measures.references.map(text);
  const outputs = plan.schema.fields.slice(plan.partition.length);
  const list = measures.expressions.map((e, i) => {
    const value = printExpr(e, references);
    return `${plan.allRows === undefined ? `FINAL(${value})` : value} AS ${outputs[i]!.name}`;
  });
  parts.push(`measures=[${list.join(", ")}]`, `rowsPerMatch=[${rowsText(spec)}]`, `after=[${skipText(names, skip)}]`);
  parts.push(`pattern=[${patternText(plan.pattern ?? inSequence(variables), names)}]`);
  if (plan.withinMillis > 0) parts.push(`within=[${plan.withinMillis} ms]`);
  const declared = plan.subsets.filter((s) => s.variables.length > 0);
  if (declared.length > 0) {
    const subsets = declared.map((s) => `${s.name}=(${s.variables.map((v) => names[v]).join(", ")})`);
    parts.push(`subset=[${subsets.join(", ")}]`);
  }
  const define = variables.flatMap(({ name, condition }) =>
    condition === undefined ? [] : [`${name}=${printExpr(condition.expressions[0]!, condition.references.map(text))}`],
  );
  parts.push(`define=[{${define.join(", ")}}]`);
  return `Match(${parts.join(", ")})`;
}

function rowsText({ allRows }: MatchSpec): string {
  if (allRows === undefined) return "ONE ROW PER MATCH";
  return `ALL ROWS PER MATCH${allRows.emptyMatches ? "" : " OMIT EMPTY MATCHES"}`;
}

function referenceText(r: MatchReference, names: readonly string[], input: readonly Field[]): string {
  const column = (index: number): string => input[index]?.name ?? `f${index}`;
  switch (r.kind) {
    case "time":
      return "MATCH_ROWTIME()";
    case "number":
      return "MATCH_NUMBER()";
    case "present":
      return column(r.column);
    case "row":
    case "classifier": {
      const variable = names[r.variable] ?? "*";
      const value = r.kind === "row" ? `${variable}.${column(r.column)}` : `CLASSIFIER(${variable})`;
      const row = `${r.final === true ? "FINAL " : ""}${r.from.toUpperCase()}(${value}, ${r.offset})`;
      if (r.shift === undefined) return row;
      return `${r.shift < 0 ? "PREV" : "NEXT"}(${row}, ${Math.abs(r.shift)})`;
    }
    case "aggregate": {
      const variable = names[r.variable] ?? "*";
      const args =
        r.ofNames === true ? [`CLASSIFIER(${variable})`] : r.call.args.map((a) => `${variable}.${column(a)}`);
      return `${r.final === true ? "FINAL " : ""}${sqlName(r.call.function)}(${args.join(", ")})`;
    }
  }
}

function skipText(names: readonly string[], skip: MatchSpec["skip"]): string {
  switch (skip.to) {
    case "past-last":
      return "SKIP PAST LAST ROW";
    case "next":
      return "SKIP TO NEXT ROW";
    case "first":
    case "last":
      return `SKIP TO ${skip.to.toUpperCase()} ${names[skip.variable]!}`;
  }
}

/** The pattern of variables one after another. */
function inSequence(variables: readonly MatchVariable[]): MatchPattern {
  const items = variables.map(({ minimum, maximum, reluctant }, variable): MatchPattern => {
    const pattern: MatchPattern = { kind: "variable", variable };
    return minimum === 1 && maximum === 1 ? pattern : { kind: "repetition", pattern, minimum, maximum, reluctant };
  });
  return { kind: "sequence", items };
}
