import { sqlName } from "../../functions/aggregate/avg.ts";
import { printExpr } from "../../expressions/print.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { AggregateCallSpec, SortColumn, WindowSpec } from "../../runtime/spec.ts";
import type { Field } from "../../types/data-type.ts";

/** `a, b AS c` for the select lists of EXPLAIN. */
export function selectList(expressions: readonly Expr[], input: readonly Field[], output: readonly Field[]): string {
  const names = input.map((f) => f.name);
  return expressions
    .map((e, i) => {
      const text = printExpr(e, names);
      const name = output[i]?.name ?? `f${i}`;
      return text === name ? text : `${text} AS ${name}`;
    })
    .join(", ");
}

/** One expression over the columns of its input. */
export function expressionText(expression: Expr, input: readonly Field[]): string {
  return printExpr(
    expression,
    input.map((f) => f.name),
  );
}

/** `product, COUNT(*) AS n`. */
export function aggregateList(
  keys: readonly number[],
  calls: readonly AggregateCallSpec[],
  input: readonly Field[],
): string {
  const name = (index: number): string => input[index]?.name ?? `f${index}`;
  const list = calls.map((c) => {
    const args = c.args.length === 0 ? "*" : c.args.map(name).join(", ");
    const filter = c.filter === undefined ? "" : ` FILTER ${name(c.filter)}`;
    return `${sqlName(c.function)}(${c.distinct ? "DISTINCT " : ""}${args})${filter} AS ${c.name}`;
  });
  return [...keys.map(name), ...list].join(", ");
}

export function columnList(columns: readonly number[], input: readonly Field[]): string {
  return columns.map((c) => input[c]?.name ?? `f${c}`).join(", ");
}

export function orderList(order: readonly SortColumn[], input: readonly Field[]): string {
  // NULL counts as the smallest value, unless it is said otherwise.
  const nulls = (o: SortColumn): string =>
    o.nullsFirst !== o.descending ? "" : o.nullsFirst ? " NULLS FIRST" : " NULLS LAST";
  return order
    .map((o) => `${input[o.column]?.name ?? `f${o.column}`} ${o.descending ? "DESC" : "ASC"}${nulls(o)}`)
    .join(", ");
}

/** `TUMBLE(size=[5 min])`, in the words of Flink's EXPLAIN. */
export function windowText(window: WindowSpec, time: string): string {
  const parts = [
    `time_col=[${time}]`,
    ...windowSizes(window).map(([name, millis]) => `${name}=[${millisText(millis)}]`),
  ];
  return `${window.type.toUpperCase()}(${parts.join(", ")})`;
}

function windowSizes(window: WindowSpec): readonly (readonly [name: string, millis: number])[] {
  const offset =
    "offsetMillis" in window && window.offsetMillis !== 0 ? ([["offset", window.offsetMillis]] as const) : [];
  switch (window.type) {
    case "tumble":
      return [["size", window.sizeMillis], ...offset];
    case "hop":
      return [["size", window.sizeMillis], ["slide", window.slideMillis], ...offset];
    case "cumulate":
      return [["max_size", window.maxMillis], ["step", window.stepMillis], ...offset];
    case "session":
      return [["gap", window.gapMillis]];
  }
}

const UNITS: readonly (readonly [millis: number, unit: string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

function millisText(millis: number): string {
  for (const [size, unit] of UNITS) if (millis % size === 0) return `${millis / size} ${unit}`;
  return `${millis} ms`;
}
