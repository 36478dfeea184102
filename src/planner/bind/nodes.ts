import { must } from "../../base/assert.ts";
import type { Span } from "../../base/span.ts";
import type { CatalogTable } from "../../catalog/table.ts";
import { column, type Expr } from "../../expressions/expr.ts";
import type { WindowSpec } from "../../runtime/spec.ts";
import { T, withNullable, withoutTimeAttribute, type DataType, type Field } from "../../types/data-type.ts";
import type * as algebra from "../logical/algebra.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import { uniqueNames } from "../logical/unique-names.ts";

/** Where the first name stands that another one before it equals; −1: they are all different. */
export function repeatedAt(names: readonly string[]): number {
  const seen = new Set<string>();
  return names.findIndex((name) => seen.size === seen.add(name).size);
}

/** Every column of a plan as an expression. */
export function columnsOfPlan(plan: LogicalPlan): readonly Expr[] {
  return plan.schema.fields.map((field, i) => column(i, field.type));
}

/** A projection; none when it would keep every column under its name. */
export function project(input: LogicalPlan, expressions: readonly Expr[], names: readonly string[]): LogicalPlan {
  const unique = uniqueNames(names);
  const fields = expressions.map((e, i) => ({ name: must(unique[i], "name"), type: e.type }));
  const identity =
    fields.length === input.schema.fields.length &&
    expressions.every(
      (e, i) => e.kind === "column" && e.index === i && fields[i]?.name === input.schema.fields[i]?.name,
    );
  return identity ? input : { kind: "Project", schema: { fields }, inputs: [input], expressions };
}

/** The input with more columns at its end; the present ones keep their positions. */
export function extend(input: LogicalPlan, more: readonly Expr[], names: readonly string[]): LogicalPlan {
  if (more.length === 0) return input;
  return project(input, [...columnsOfPlan(input), ...more], [...input.schema.fields.map((f) => f.name), ...names]);
}

export function filter(input: LogicalPlan, predicate: Expr): LogicalPlan {
  return { kind: "Filter", schema: input.schema, inputs: [input], predicate };
}

export function values(rows: readonly (readonly Expr[])[], fields: readonly Field[]): LogicalPlan {
  return { kind: "Values", schema: { fields }, inputs: [], rows };
}

/** `fields`: the columns of the scan, physical then metadata. */
export function scan(
  table: CatalogTable,
  fields: readonly Field[],
  options: ReadonlyMap<string, string>,
  span: Span | undefined,
): algebra.Scan {
  return { kind: "Scan", schema: { fields }, inputs: [], table, options, span };
}

export function watermark(
  input: LogicalPlan,
  rowtime: number,
  expression: Expr,
  options: ReadonlyMap<string, string>,
): LogicalPlan {
  const fields = input.schema.fields.map((f, i) => (i === rowtime ? { ...f, type: asRowtime(f.type) } : f));
  return { kind: "Watermark", schema: { fields }, inputs: [input], rowtime, expression, options };
}

/** The type as an event-time attribute. */
export function asRowtime(type: DataType): DataType {
  return asTimeAttribute(type, "rowtime");
}

/** The type as a time attribute. */
export function asTimeAttribute(type: DataType, timeAttribute: "rowtime" | "proctime"): DataType {
  return type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ" ? { ...type, timeAttribute } : type;
}

export function aggregate(
  input: LogicalPlan,
  keys: readonly number[],
  aggregates: readonly algebra.AggregateCall[],
): algebra.Aggregate {
  const keyFields = keys.map((k) => must(input.schema.fields[k], "key column"));
  const names = uniqueNames([...keyFields.map((f) => f.name), ...aggregates.map((a) => a.name)]);
  const types = [...keyFields.map((f) => f.type), ...aggregates.map((a) => a.type)];
  const fields = types.map((type, i) => ({ name: must(names[i], "name"), type }));
  return { kind: "Aggregate", schema: { fields }, inputs: [input], keys, aggregates };
}

/** Adds window_start, window_end and window_time; a column of the input with such a name is kept under another one. */
export function windowTvf(
  input: LogicalPlan,
  window: WindowSpec,
  time: number,
  partition: readonly number[],
): algebra.WindowTvf {
  const timeType = withNullable(must(input.schema.fields[time], "time column").type, false);
  const windowFields: readonly Field[] = [
    { name: "window_start", type: T.timestamp(3, false) },
    { name: "window_end", type: T.timestamp(3, false) },
    { name: "window_time", type: withPrecision3(timeType) },
  ];
  const all = [...input.schema.fields, ...windowFields];
  const names = uniqueNames(all.map((f) => f.name));
  const fields = all.map((f, i) => ({ ...f, name: must(names[i], "name") }));
  return { kind: "WindowTvf", schema: { fields }, inputs: [input], window, time, partition };
}

function withPrecision3(type: DataType): DataType {
  return type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ" ? { ...type, precision: 3 } : type;
}

export function join(left: LogicalPlan, right: LogicalPlan, type: algebra.Join["type"], condition: Expr): algebra.Join {
  const nullableIf = (fields: readonly Field[], nullable: boolean): readonly Field[] =>
    nullable ? fields.map((f) => ({ ...f, type: withNullable(f.type, true) })) : fields;
  const leftFields = nullableIf(left.schema.fields, type === "right" || type === "full");
  const rightFields =
    type === "semi" || type === "anti" ? [] : nullableIf(right.schema.fields, type === "left" || type === "full");
  const all = [...leftFields, ...rightFields];
  const names = uniqueNames(all.map((f) => f.name));
  const fields = all.map((f, i) => ({ ...f, name: must(names[i], "name") }));
  return { kind: "Join", schema: { fields }, inputs: [left, right], type, condition };
}

/** `fields` are those of the result: every input already has their types. */
export function union(inputs: readonly LogicalPlan[], fields: readonly Field[]): LogicalPlan {
  return { kind: "Union", schema: { fields }, inputs };
}

export function over(
  input: LogicalPlan,
  spec: Pick<algebra.Over, "partition" | "order" | "functions" | "span">,
): algebra.Over {
  const all = [...input.schema.fields, ...spec.functions.map((f) => ({ name: f.name, type: f.type }))];
  const names = uniqueNames(all.map((f) => f.name));
  const fields = all.map((f, i) => ({ ...f, name: must(names[i], "name") }));
  return { kind: "Over", schema: { fields }, inputs: [input], ...spec };
}

export function sort(input: LogicalPlan, order: readonly algebra.SortKey[], span: Span | undefined): LogicalPlan {
  return { kind: "Sort", schema: input.schema, inputs: [input], order, span };
}

export function limit(input: LogicalPlan, offset: number, fetch: number): LogicalPlan {
  return { kind: "Limit", schema: input.schema, inputs: [input], offset, fetch };
}

/** `fields` name the columns of every set. */
export function expand(input: LogicalPlan, sets: readonly (readonly Expr[])[], fields: readonly Field[]): LogicalPlan {
  return { kind: "Expand", schema: { fields }, inputs: [input], sets };
}

/** The input's columns stay where they are; as `left` the function's become nullable. */
export function correlate(
  input: LogicalPlan,
  call: algebra.TableCall,
  type: algebra.Correlate["type"],
  condition: Expr | undefined,
): algebra.Correlate {
  const own = type === "left" ? call.columns.map((f) => ({ ...f, type: withNullable(f.type, true) })) : call.columns;
  const all = [...input.schema.fields, ...own];
  const names = uniqueNames(all.map((f) => f.name));
  const fields = all.map((f, i) => ({ ...f, name: must(names[i], "name") }));
  return { kind: "Correlate", schema: { fields }, inputs: [input], call, type, condition };
}

export function sink(
  input: LogicalPlan,
  table: CatalogTable,
  options: ReadonlyMap<string, string>,
  span: Span | undefined,
): algebra.Sink {
  return { kind: "Sink", schema: input.schema, inputs: [input], table, options, span };
}

/** The root of a SELECT; time attributes become plain times in what the user sees. */
export function collect(input: LogicalPlan): algebra.Collect {
  const fields = input.schema.fields.map((f) => ({ name: f.name, type: withoutTimeAttribute(f.type) }));
  return { kind: "Collect", schema: { fields }, inputs: [input] };
}
