import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { column, literal } from "../../expressions/expr.ts";
import type { AggregateCallSpec, OperatorSpec, SortColumn } from "../../runtime/spec.ts";
import { T, withNullable, type Field, type Value } from "../../types/data-type.ts";
import { orderList } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { typesOf } from "./draft.ts";
import type { Lowering } from "./lower.ts";

/** The rows that are left at the end, as inserts, in this order. */
export function finalRows(lowering: Lowering, input: Draft, order: readonly SortColumn[]): Draft {
  const spec: OperatorSpec = { kind: "final-rows", input: typesOf(input), order };
  const text = order.length === 0 ? "FinalRows()" : `Sort(orderBy=[${orderList(order, input.fields)}])`;
  return lowering.node(spec, [input], text, input.fields);
}

/** Throws INVALID_QUERY for a source that does not end. */
export function checkBounded(table: string, bounded: boolean, span: Span | undefined): void {
  if (bounded) return;
  throw new SqlError(
    "INVALID_QUERY",
    `Querying an unbounded table '${table}' in batch mode is not allowed. The table source is unbounded.`,
    { span, hint: "SET 'execution.runtime-mode' = 'streaming', or give the source an end" },
  );
}

/**
 * The input of an aggregate without keys, which answers also for no rows: one row more, that no call takes in because
 * of its filter.
 */
export function withEmptyRow(
  lowering: Lowering,
  input: Draft,
  calls: readonly AggregateCallSpec[],
): { readonly draft: Draft; readonly calls: readonly AggregateCallSpec[] } {
  const flag = input.fields.length;
  const fields: readonly Field[] = [
    ...input.fields.map((f) => ({ ...f, type: withNullable(f.type, true) })),
    { name: "$present", type: T.boolean(false) },
  ];
  const types = fields.map((f) => f.type);
  const projections = [...input.fields.map((f, i) => column(i, f.type)), literal(true, T.boolean(false))];
  const names = input.fields.map((f) => f.name);
  const marked = lowering.node(
    { kind: "calc", input: typesOf(input), projections },
    [input],
    `Calc(select=[${[...names, "TRUE AS $present"].join(", ")}])`,
    fields,
  );
  const filters = new Set(calls.flatMap((c) => (c.filter === undefined ? [] : [c.filter])));
  const row: Value[] = input.fields.map((_, i) => (filters.has(i) ? false : null));
  const none = lowering.node(
    { kind: "values", types, rows: [[...row, false]] },
    [],
    "Values(tuples=[1 row])",
    fields,
    false,
  );
  const draft = lowering.node(
    { kind: "union", types },
    [marked, none],
    `Union(all=[true], union=[${fields.map((f) => f.name).join(", ")}])`,
    fields,
    false,
  );
  return { draft, calls: calls.map((c) => ({ ...c, filter: c.filter ?? flag })) };
}
