import { fullTypeText } from "../../types/type-text.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { WindowSpec } from "../../runtime/spec.ts";
import type { AggregateCall, LogicalPlan, SortKey } from "./algebra.ts";
import { printExpr } from "./print.ts";
import { patternText } from "./pattern-text.ts";

/** A bound plan as EXPLAIN prints its "Abstract Syntax Tree": operators called as Flink calls them, calls in prefix form. */
export function printTree(plan: LogicalPlan): string {
  const lines: string[] = [];
  const walk = (node: LogicalPlan, first: string, rest: string): void => {
    lines.push(first + describe(node));
    node.inputs.forEach((input, i) => {
      const last = i === node.inputs.length - 1;
      walk(input, `${rest}${last ? "+- " : ":- "}`, `${rest}${last ? "   " : ":  "}`);
    });
  };
  walk(plan.kind === "Collect" ? plan.inputs[0] : plan, "", "");
  return lines.join("\n");
}

function describe(node: LogicalPlan): string {
  const names = node.schema.fields.map((f) => f.name);
  switch (node.kind) {
    case "Scan": {
      const { catalog, database, object } = node.table.path;
      return `LogicalTableScan(table=[[${catalog}, ${database}, ${object}]])`;
    }
    case "Values":
      return `LogicalValues(tuples=[[${node.rows.map((row) => `{ ${row.map(prefix).join(", ")} }`).join(", ")}]])`;
    case "Project":
      return `LogicalProject(${node.expressions.map((e, i) => `${names[i] ?? ""}=[${prefix(e)}]`).join(", ")})`;
    case "Filter":
      return `LogicalFilter(condition=[${prefix(node.predicate)}])`;
    case "Watermark":
      return `LogicalWatermarkAssigner(rowtime=[${names[node.rowtime] ?? ""}], watermark=[${prefix(node.expression)}])`;
    case "Aggregate":
      return `LogicalAggregate(${[`group=[{${node.keys.join(", ")}}]`, ...node.aggregates.map(aggregate)].join(", ")})`;
    case "WindowTvf":
      return `LogicalTableFunctionScan(invocation=[${window(node.window, node.time)}])`;
    case "WindowAggregate":
      return `LogicalWindowAggregate(${[`group=[{${node.keys.join(", ")}}]`, ...node.aggregates.map(aggregate), `window=[${window(node.window, node.time)}]`].join(", ")})`;
    case "Join":
      return `LogicalJoin(condition=[${prefix(node.condition)}], joinType=[${node.type}])`;
    case "Union":
      return "LogicalUnion(all=[true])";
    case "Over": {
      const partition = node.partition.length === 0 ? [] : [`PARTITION BY ${columns(node.partition)}`];
      const order = node.order.length === 0 ? [] : [`ORDER BY ${node.order.map(orderItem).join(", ")}`];
      const calls = node.functions.map((f) => `${f.name}=[${call(f)} OVER (${[...partition, ...order].join(" ")})]`);
      return `LogicalProject(${[...names.slice(0, names.length - calls.length).map((n, i) => `${n}=[$${i}]`), ...calls].join(", ")})`;
    }
    case "Rank":
      return `LogicalRank(rankRange=[${node.from}, ${node.to}], partitionBy=[${columns(node.partition)}], orderBy=[${node.order.map(orderItem).join(", ")}])`;
    case "Match": {
      const names = node.variables.map((v) => v.name);
      const pattern =
        node.pattern === undefined
          ? node.variables.map((v) => `${v.name}{${v.minimum},${v.maximum}}${v.reluctant ? "?" : ""}`)
          : [patternText(node.pattern, names)];
      return `LogicalMatch(partition=[${columns(node.partition)}], order=[${node.order.map(orderItem).join(", ")}], pattern=[${pattern.join(" ")}])`;
    }
    case "Correlate": {
      const { function: name, args } = node.call;
      return `LogicalCorrelate(joinType=[${node.type}], invocation=[${name}(${args.map(prefix).join(", ")})]${node.condition === undefined ? "" : `, condition=[${prefix(node.condition)}]`})`;
    }
    case "Changelog":
      return `LogicalTableFunctionScan(invocation=[${node.direction.toUpperCase()}_CHANGELOG(DESCRIPTOR($${node.column}))])`;
    case "Sort":
      return `LogicalSort(${sortItems(node.order).join(", ")})`;
    case "Limit": {
      const offset = node.offset === 0 ? [] : [`offset=[${node.offset}]`];
      return `LogicalSort(${[...offset, ...(node.fetch < 0 ? [] : [`fetch=[${node.fetch}]`])].join(", ")})`;
    }
    case "Expand":
      return `LogicalExpand(projects=[${node.sets.map((set) => `{${set.map(prefix).join(", ")}}`).join(", ")}])`;
    case "Sink": {
      const { catalog, database, object } = node.table.path;
      return `LogicalSink(table=[${catalog}.${database}.${object}], fields=[${names.join(", ")}])`;
    }
    case "Collect":
      return "LogicalSink(table=[collect])";
  }
}

function columns(list: readonly number[]): string {
  return list.map((c) => `$${c}`).join(", ");
}

function aggregate(each: AggregateCall): string {
  return `${each.name}=[${call(each)}]`;
}

function call({ function: name, distinct, args, filter }: AggregateCall): string {
  return `${name}(${distinct ? "DISTINCT " : ""}${args.map(prefix).join(", ")})${filter === undefined ? "" : ` FILTER ${prefix(filter)}`}`;
}

function orderItem({ column, descending, nullsFirst }: SortKey): string {
  return `$${column}${descending ? " DESC" : ""} NULLS ${nullsFirst ? "FIRST" : "LAST"}`;
}

function sortItems(order: readonly SortKey[]): readonly string[] {
  return [
    ...order.map((o, i) => `sort${i}=[$${o.column}]`),
    ...order.map((o, i) => `dir${i}=[${o.descending ? "DESC" : "ASC"}-nulls-${o.nullsFirst ? "first" : "last"}]`),
  ];
}

function window(spec: WindowSpec, time: number): string {
  const sizes = Object.entries(spec).flatMap(([key, value]) =>
    typeof value === "number" && !(key === "offsetMillis" && value === 0) ? [`${value}:INTERVAL MILLISECOND`] : [],
  );
  return `${spec.type.toUpperCase()}(DESCRIPTOR($${time}), ${sizes.join(", ")})`;
}

/** `=($0, 1)` */
function prefix(e: Expr): string {
  if (e.kind !== "call") return printExpr(e);
  const args = e.args.map(prefix).join(", ");
  if (e.function === "CAST" || e.function === "TRY_CAST") return `${e.function}(${args}):${fullTypeText(e.type)}`;
  return `${e.function}(${args})`;
}
