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

/** `product, COUNT(*) AS n`. */
export function aggregateList(keys: readonly number[], calls: readonly AggregateCallSpec[], input: readonly Field[]): string {
  const name = (index: number): string => input[index]?.name ?? `f${index}`;
  const list = calls.map((c) => {
    const args = c.args.length === 0 ? "*" : c.args.map(name).join(", ");
    const filter = c.filter === undefined ? "" : ` FILTER ${name(c.filter)}`;
    return `${c.function}(${c.distinct ? "DISTINCT " : ""}${args})${filter} AS ${c.name}`;
  });
  return [...keys.map(name), ...list].join(", ");
}

export function columnList(columns: readonly number[], input: readonly Field[]): string {
  return columns.map((c) => input[c]?.name ?? `f${c}`).join(", ");
}

export function orderList(order: readonly SortColumn[], input: readonly Field[]): string {
  return order.map((o) => `${input[o.column]?.name ?? `f${o.column}`} ${o.descending ? "DESC" : "ASC"}`).join(", ");
}

/** `TUMBLE(size=[5 min])`, in the words of Flink's EXPLAIN. */
export function windowText(window: WindowSpec, time: string): string {
  switch (window.type) {
    case "tumble":
      return `TUMBLE(time_col=[${time}], size=[${millisText(window.sizeMillis)}])`;
    case "hop":
      return `HOP(time_col=[${time}], size=[${millisText(window.sizeMillis)}], slide=[${millisText(window.slideMillis)}])`;
    case "cumulate":
      return `CUMULATE(time_col=[${time}], max_size=[${millisText(window.maxMillis)}], step=[${millisText(window.stepMillis)}])`;
    case "session":
      return `SESSION(time_col=[${time}], gap=[${millisText(window.gapMillis)}])`;
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
