import { sqlName } from "../../functions/aggregate/avg.ts";
import type { Expr } from "../../expressions/expr.ts";
import { formatDate, formatTime, formatTimestamp } from "../../types/datetime.ts";
import { typeText } from "../../types/type-text.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import type { AggregateCall, LogicalPlan, OverCall, SortKey } from "./algebra.ts";
import { patternText } from "./pattern-text.ts";

export interface PrintPlanOptions {
  /** Append the types of each node's columns. */
  readonly types?: boolean | undefined;
}

/** A compact text of a plan, one node a line, inputs indented below; for tests and debugging. */
export function printPlan(plan: LogicalPlan, options: PrintPlanOptions = {}): string {
  const lines: string[] = [];
  const walk = (node: LogicalPlan, depth: number): void => {
    const columns = node.schema.fields.map((f) =>
      options.types === true ? `${f.name} ${typeText(f.type, { withNullability: true })}` : f.name,
    );
    lines.push(`${"  ".repeat(depth)}${describe(node)} → [${columns.join(", ")}]`);
    for (const input of node.inputs) walk(input, depth + 1);
  };
  walk(plan, 0);
  return lines.join("\n");
}

function describe(node: LogicalPlan): string {
  switch (node.kind) {
    case "Scan":
      return `Scan ${node.table.path.object}`;
    case "Values":
      return `Values ${node.rows.map((row) => `(${printExprs(row)})`).join(", ")}`;
    case "Project":
      return `Project ${printExprs(node.expressions)}`;
    case "Filter":
      return `Filter ${printExpr(node.predicate)}`;
    case "Watermark":
      return `Watermark $${node.rowtime} AS ${printExpr(node.expression)}`;
    case "Aggregate":
      return `Aggregate by (${printColumns(node.keys)}) ${node.aggregates.map(printAggregate).join(", ")}`.trimEnd();
    case "WindowTvf":
      return `WindowTvf ${printRecord(node.window)} on $${node.time}${node.partition.length === 0 ? "" : ` by (${printColumns(node.partition)})`}`;
    case "WindowAggregate":
      return `WindowAggregate ${printRecord(node.window)} on $${node.time} by (${printColumns(node.keys)}) ${node.aggregates.map(printAggregate).join(", ")} (${node.properties.join(", ")})`;
    case "Join":
      return `Join ${node.type}${node.asOf === undefined ? "" : ` as of ${node.asOf.kind}`} on ${printExpr(node.condition)}`;
    case "Union":
    case "Collect":
      return node.kind;
    case "Over": {
      const functions = node.functions.map((f) => `${printAggregate(f)}${printFrame(f)}`).join(", ");
      return `Over by (${printColumns(node.partition)}) order (${printOrder(node.order)}) ${functions}`;
    }
    case "Rank":
      return `Rank ${node.from}..${node.to} by (${printColumns(node.partition)}) order (${printOrder(node.order)})${node.outputRank ? " numbered" : ""}`;
    case "Match": {
      const names = node.variables.map((v) => v.name);
      const pattern =
        node.pattern === undefined
          ? node.variables.map((v) => `${v.name}{${v.minimum},${v.maximum}}${v.reluctant ? "?" : ""}`)
          : [patternText(node.pattern, names)];
      return `Match by (${printColumns(node.partition)}) order (${printOrder(node.order)}) pattern (${pattern.join(" ")}) skip ${printRecord(node.skip)} within ${node.withinMillis}`;
    }
    case "Sort":
      return `Sort ${printOrder(node.order)}`;
    case "Limit":
      return `Limit offset ${node.offset} fetch ${node.fetch}`;
    case "Expand":
      return `Expand ${node.sets.map((set) => `(${printExprs(set)})`).join(", ")}`;
    case "Correlate": {
      const on = node.condition === undefined ? "" : ` on ${printExpr(node.condition)}`;
      return `Correlate ${node.type} ${node.call.function}(${printExprs(node.call.args)})${node.call.withOrdinality ? " numbered" : ""}${on}`;
    }
    case "Changelog":
      return `Changelog ${node.direction} $${node.column} (${node.codes.map(([code, kind]) => `${code}=${kind}`).join(", ")})`;
    case "Sink":
      return `Sink ${node.table.path.object}`;
  }
}

/** Nothing for the usual frame: up to the row and its peers. */
function printFrame({ frame: { units, start, end }, function: name }: OverCall): string {
  const usual = start === "unbounded" && end === 0 && (units === "RANGE" || name === "ROW_NUMBER");
  return usual ? "" : ` ${units} ${start} to ${end}`;
}

function printRecord(record: object): string {
  return Object.values(record).join(" ");
}

function printColumns(columns: readonly number[]): string {
  return columns.map((c) => `$${c}`).join(", ");
}

function printOrder(order: readonly SortKey[]): string {
  return order
    .map(
      (k) =>
        `$${k.column}${k.descending ? " DESC" : ""}${k.nullsFirst === k.descending ? (k.nullsFirst ? " NULLS FIRST" : " NULLS LAST") : ""}`,
    )
    .join(", ");
}

function printAggregate(call: AggregateCall): string {
  const args = call.args.length === 0 && call.function === "COUNT" ? "*" : printExprs(call.args);
  const filter = call.filter === undefined ? "" : ` FILTER ${printExpr(call.filter)}`;
  return `${sqlName(call.function)}(${call.distinct ? "DISTINCT " : ""}${args})${filter}`;
}

function printExprs(exprs: readonly Expr[]): string {
  return exprs.map(printExpr).join(", ");
}

const OPERATOR = /^(?:[^A-Z]+|AND|OR)$/;

/** A bound expression: columns as `$n`, casts with their type. */
export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case "column":
      return `$${expr.index}`;
    case "literal":
      return printValue(expr.value, expr.type);
    case "call":
      if (expr.function === "CAST" || expr.function === "TRY_CAST")
        return `${expr.function}(${printExprs(expr.args)} AS ${typeText(expr.type)})`;
      if (OPERATOR.test(expr.function) && expr.args.length === 2)
        return `(${expr.args.map(printExpr).join(` ${expr.function} `)})`;
      return `${expr.function}(${printExprs(expr.args)})`;
  }
}

function printValue(value: Value, type: DataType): string {
  if (value === null) return "NULL";
  switch (type.kind) {
    case "CHAR":
    case "VARCHAR":
      return `'${String(value)}'`;
    case "DECIMAL": {
      const negative = (value as bigint) < 0n;
      const digits = String(negative ? -(value as bigint) : value).padStart(type.scale + 1, "0");
      const text = type.scale === 0 ? digits : `${digits.slice(0, -type.scale)}.${digits.slice(-type.scale)}`;
      return negative ? `-${text}` : text;
    }
    case "DATE":
      return `DATE '${formatDate(value as number)}'`;
    case "TIME":
      return `TIME '${formatTime(value as number, type.precision)}'`;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return `TIMESTAMP '${formatTimestamp(value as number | bigint, type.precision)}'`;
    case "INTERVAL_DAY_TIME":
      return `${String(value)}ms`;
    case "INTERVAL_YEAR_MONTH":
      return `${String(value)}mo`;
    default:
      return value instanceof Uint8Array ? `x'${Buffer.from(value).toString("hex")}'` : String(value).toUpperCase();
  }
}
