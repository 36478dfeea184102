import { sqlName } from "../../functions/aggregate/avg.ts";
import type { Expr } from "../../expressions/expr.ts";
import { printExpr } from "../../expressions/print.ts";
import type { AggregateCallSpec, JoinSpec, OperatorSpec } from "../../runtime/spec.ts";
import type { DataType, Field } from "../../types/data-type.ts";
import { digest } from "../logical/rewrite.ts";
import { pathOf } from "../rules/paths.ts";

/**
 * Where the rows of a node come from, in words that stay the same when a query changes around it: no filters, no
 * projections, no names that a query gives. Ids of operators and names of their state are made of these words.
 */
export interface Lineage {
  /** Names the rows: their source table, or the operator with state that made them. */
  readonly rows: string;
  /** The one table that all columns are of; undefined: there are several, and the columns say which. */
  readonly table: string | undefined;
  /** What each output column is, over the columns of the tables: `price`, `UPPER(name)`, `SUM(price)`. Unique. */
  readonly columns: readonly string[];
}

/** A node as far as its lineage goes. */
interface Lineaged {
  readonly spec: OperatorSpec;
  readonly fields: readonly Field[];
}

/**
 * The lineage of a node over those of its inputs; `id`: the node's own name, without what tells equal nodes apart.
 * A union passes for its first branch, so that a branch may be added behind it.
 */
export function lineageOf({ spec, fields }: Lineaged, inputs: readonly Lineage[], id: string): Lineage {
  const [input] = inputs;
  switch (spec.kind) {
    case "scan": {
      const columns = spec.columns.map((c) => (c.kind === "physical" ? c.path.join(".") : `METADATA(${c.key})`));
      const { table, options, hinted = [] } = spec.table;
      // A hint may read the table elsewhere, beside the table itself.
      const place = hinted.includes("path") ? ` at ${options["path"]}` : "";
      return { rows: `table ${table}${place}`, table: table.split(".").at(-1), columns: unique(columns) };
    }
    case "values":
      return { rows: "values", table: "values", columns: fields.map((f) => f.name) };
    case "calc":
      return { ...input!, columns: unique(spec.projections.map((e) => expressionName(e, input!.columns))) };
    case "watermark":
    case "mini-batch":
    case "local-aggregate":
    case "union":
    case "drop-update-before":
      return input!;
    case "to-changelog":
      return { ...input!, rows: digest(["changes of", input!.rows]), columns: unique([...input!.columns, "op"]) };
    case "from-changelog":
      return { ...input!, rows: digest(["changes by", input!.columns[spec.column], input!.rows]) };
    case "expand": {
      const { columns, identity } = expanded(spec.sets, input!.columns);
      return { ...input!, rows: digest(["expand", identity, input!.rows]), columns };
    }
    case "correlate": {
      const args = spec.args.map((e) => expressionName(e, input!.columns));
      const call = `${spec.function}(${args.join(", ")})`;
      const own = fields.slice(spec.input.length).map((_, i) => `${call}.${i + 1}`);
      return {
        ...input!,
        rows: digest(["correlate", call, input!.rows]),
        columns: unique([...input!.columns, ...own]),
      };
    }
    case "window-tvf": {
      const rows = digest(["windows", spec.window, input!.columns[spec.time], input!.rows]);
      return { ...input!, rows, columns: unique([...input!.columns, "window_start", "window_end", "window_time"]) };
    }
    case "session-tvf":
      return {
        ...input!,
        rows: id,
        columns: unique([...input!.columns, "window_start", "window_end", "window_time"]),
      };
    case "group-aggregate":
      return { ...input!, rows: id, columns: unique(grouped(spec.keys, spec.aggregates, input!.columns)) };
    case "window-aggregate":
    case "updating-window-aggregate":
    case "session-aggregate": {
      const properties = spec.properties.map((property) => `window_${property}`);
      const columns = [...grouped(spec.keys, spec.aggregates, input!.columns), ...properties];
      return { ...input!, rows: id, columns: unique(columns) };
    }
    case "join":
    case "interval-join":
    case "window-join":
    case "temporal-join": {
      const [left, right] = inputs as readonly [Lineage, Lineage];
      const semi = spec.type === "semi" || spec.type === "anti";
      return semi ? { ...left, rows: id } : { rows: id, table: undefined, columns: joined(left, right) };
    }
    case "match":
      return { rows: id, table: undefined, columns: unique(fields.map((f) => f.name)) };
    case "lookup-join": {
      const table = spec.table.table.split(".").at(-1);
      const own = spec.columns.map((c) => (c.kind === "physical" ? c.path.join(".") : `METADATA(${c.key})`));
      const found = spec.projections.map((e) => `${table}.${expressionName(e, own)}`);
      // Which rows there are is what the left side says.
      return { ...input!, columns: unique([...input!.columns, ...found]) };
    }
    case "rank":
      return { ...input!, rows: id, columns: spec.outputRank ? unique([...input!.columns, "rank"]) : input!.columns };
    case "over": {
      const names = spec.aggregates.map((call) => `${aggregateName(call, input!.columns)} OVER`);
      return { ...input!, rows: id, columns: unique([...input!.columns, ...names]) };
    }
    case "final-over": {
      const names = spec.calls.map((call) => `${aggregateName(call, input!.columns)} OVER`);
      return { ...input!, rows: id, columns: unique([...input!.columns, ...names]) };
    }
    case "deduplicate":
    case "limit":
    case "sort":
    case "final-rows":
    case "sink-materialize":
    case "changelog-normalize":
      return { ...input!, rows: id };
    case "sink":
      return { rows: id, table: undefined, columns: [] };
  }
}

/** What an aggregate is called by its meaning: `SUM(price)`, `COUNT(DISTINCT user) FILTER (WHERE (price > 5))`. */
export function aggregateName(call: AggregateCallSpec, columns: readonly string[]): string {
  const args = call.args.length === 0 ? "*" : call.args.map((arg) => bare(columns[arg]!)).join(", ");
  const filter = call.filter === undefined ? "" : ` FILTER (WHERE ${bare(columns[call.filter]!)})`;
  return `${sqlName(call.function)}(${call.distinct ? "DISTINCT " : ""}${args})${filter}`;
}

/** Without parentheses around all of it. */
function bare(text: string): string {
  if (!text.startsWith("(")) return text;
  let depth = 0;
  for (let i = 0; i < text.length - 1; i++) {
    if (text[i] === "(") depth += 1;
    else if (text[i] === ")") depth -= 1;
    if (depth === 0) return text;
  }
  return text.slice(1, -1);
}

/** The spec with the meaning of its columns, of which the operator makes the names of its state. */
export function withNames(spec: OperatorSpec, inputs: readonly Lineage[]): OperatorSpec {
  const names = (inputs[0]?.columns ?? []).map(bare);
  switch (spec.kind) {
    case "group-aggregate":
    case "window-aggregate":
    case "updating-window-aggregate":
    case "session-aggregate":
    case "over":
      return {
        ...spec,
        inputNames: names,
        aggregates: spec.aggregates.map((call) => ({ ...call, name: aggregateName(call, names) })),
      };
    case "session-tvf":
    case "rank":
    case "match":
    case "deduplicate":
    case "limit":
    case "sort":
    case "final-rows":
    case "final-over":
    case "sink-materialize":
    case "changelog-normalize":
      return { ...spec, inputNames: names };
    case "join":
    case "interval-join":
    case "window-join":
    case "temporal-join":
      return { ...spec, leftNames: names, rightNames: inputs[1]!.columns.map(bare) };
    default:
      return spec;
  }
}

/**
 * What names a node and its state: tables below, keys, kind of operator. Everything else (filters, projections, more
 * aggregates, pacing, options) may change without losing the state.
 */
export function identityOf(
  { spec, description }: Lineaged & { readonly description: string },
  inputs: readonly Lineage[],
): unknown {
  const rows = inputs.map((input) => input.rows);
  const names = inputs[0]?.columns ?? [];
  const named = (columns: readonly number[]): readonly (string | undefined)[] => columns.map((c) => names[c]);
  switch (spec.kind) {
    case "scan":
      // Positions belong to the files that they count in.
      return ["scan", spec.table.table, spec.table.options["path"] ?? null];
    case "values":
      return spec;
    case "sink":
      return spec.target.type === "collect" ? ["collect"] : ["sink", spec.target.table.table];
    case "watermark":
      return ["watermark", names[spec.rowtime], rows];
    case "mini-batch":
      return ["mini-batch", spec.by, rows];
    case "group-aggregate":
      return ["group-aggregate", sorted(named(spec.keys)), rows];
    case "window-aggregate": {
      const time = spec.attached === undefined ? [spec.time] : [spec.attached.start, spec.attached.end];
      return ["window-aggregate", spec.window, named(time), sorted(named(spec.keys)), rows];
    }
    case "updating-window-aggregate":
      return [spec.kind, spec.window, names[spec.time], sorted(named(spec.keys)), rows];
    case "session-aggregate": {
      const partition = named(spec.partition.map((position) => spec.keys[position]!));
      return ["session-aggregate", spec.gapMillis, names[spec.time], sorted(partition), sorted(named(spec.keys)), rows];
    }
    case "session-tvf":
      return ["session-tvf", spec.gapMillis, names[spec.time], sorted(named(spec.partition)), rows];
    case "join":
      return ["join", spec.type, keyPairs(spec, inputs), rows];
    case "window-join":
      return ["window-join", spec.type, keyPairs(spec, inputs), rows];
    case "interval-join":
    case "temporal-join": {
      const times = [names[spec.leftTime], inputs[1]!.columns[spec.rightTime]];
      return [spec.kind, spec.type, keyPairs(spec, inputs), times, rows];
    }
    case "rank":
      return [
        "rank",
        sorted(named(spec.partition)),
        orderNames(spec.order, names),
        spec.windowEnd !== undefined,
        rows,
        // It keeps only the first rows of those that others keep.
        ...(spec.upsertKey === undefined ? [] : ["by key"]),
      ];
    case "over": {
      const order = spec.order.by === "column" ? orderNames([spec.order.column], names) : overTime(spec.order, names);
      return ["over", sorted(named(spec.partition)), order, spec.frame, rows];
    }
    case "deduplicate":
      return [
        "deduplicate",
        spec.keep,
        spec.time === undefined ? null : names[spec.time],
        sorted(named(spec.keys)),
        rows,
      ];
    case "match": {
      // What is known of a match that is under way is said in terms of the pattern.
      const pattern = spec.variables.map((v) => [v.name, v.minimum, v.maximum, v.reluctant]);
      const time = spec.time === undefined ? null : names[spec.time];
      const identity = ["match", time, orderNames(spec.order, names), pattern, spec.skip, named(spec.partition), rows];
      // Another search, which keeps something else.
      return spec.pattern === undefined ? identity : [...identity, spec.pattern];
    }
    case "sort":
      return ["sort", spec.time === undefined ? null : names[spec.time], orderNames(spec.order, names), rows];
    case "limit":
      return ["limit", rows];
    case "final-rows":
      return ["final-rows", rows];
    case "final-over":
      return ["final-over", sorted(named(spec.partition)), rows];
    case "sink-materialize":
      return ["sink-materialize", sorted(named(spec.keys)), rows];
    case "changelog-normalize":
      return ["changelog-normalize", sorted(named(spec.keys)), rows];
    case "union":
    case "local-aggregate":
    case "calc":
    case "expand":
    case "correlate":
    case "window-tvf":
    case "lookup-join":
    case "drop-update-before":
    case "to-changelog":
    case "from-changelog":
      // No state of their own; a union must not take the watermarks of one branch for those of another.
      return [spec.kind, description, rows];
  }
}

function overTime(order: { readonly by: string; readonly column?: number }, names: readonly string[]): unknown {
  return order.column === undefined ? order.by : names[order.column];
}

/** The equalities of a join, whatever their order. */
function keyPairs(
  spec: Pick<JoinSpec, "leftKeys" | "rightKeys" | "nullSafe">,
  inputs: readonly Lineage[],
): readonly string[] {
  const [left, right] = inputs as readonly [Lineage, Lineage];
  return spec.leftKeys
    .map((key, i) => digest([left.columns[key], right.columns[spec.rightKeys[i]!], spec.nullSafe[i] === true]))
    .sort();
}

function orderNames(
  order: readonly { readonly column: number; readonly descending: boolean; readonly nullsFirst: boolean }[],
  names: readonly string[],
): unknown {
  return order.map((o) => [names[o.column], o.descending, o.nullsFirst]);
}

function sorted(names: readonly (string | undefined)[]): readonly string[] {
  return names.map((name) => name ?? "").sort();
}

function grouped(
  keys: readonly number[],
  aggregates: readonly AggregateCallSpec[],
  columns: readonly string[],
): readonly string[] {
  return [...keys.map((key) => columns[key] as string), ...aggregates.map((call) => aggregateName(call, columns))];
}

/** Columns of both sides, each with its table in front, or its side where that does not tell them apart. */
function joined(left: Lineage, right: Lineage): readonly string[] {
  const [l, r] = [left.table ?? "left", right.table ?? "right"];
  const [leftName, rightName] = l === r ? ["left", "right"] : [l, r];
  return [...left.columns.map((c) => `${leftName}.${c}`), ...right.columns.map((c) => `${rightName}.${c}`)];
}

/** Columns of grouping sets; where the sets differ is what names the sets. */
function expanded(
  sets: readonly (readonly Expr[])[],
  below: readonly string[],
): { readonly columns: readonly string[]; readonly identity: unknown } {
  const texts = sets.map((set) => set.map((e) => expressionName(e, below)));
  const positions = texts[0]!.map((_, i) => i);
  const varying = positions.filter((i) => texts.some((set) => set[i] !== texts[0]![i]));
  const columns = positions.map((i) => {
    if (!varying.includes(i)) return texts[0]![i] as string;
    const values = [...new Set(texts.map((set) => set[i] as string))].filter((text) => !text.startsWith("NULL:"));
    return `GROUPING(${values.join(", ")})`;
  });
  return { columns: unique(columns), identity: varying.map((i) => texts.map((set) => set[i])) };
}

/** An expression over named columns; a field of a row is spelt as the scan spells it, whether or not it is read alone. */
function expressionName(expression: Expr, columns: readonly string[]): string {
  const names = [...columns];
  const replaced = (e: Expr): Expr => {
    const path = pathOf(e);
    if (path !== undefined && path.fields.length > 0) {
      const at = names.push(fieldName(e, columns)) - 1;
      return { kind: "column", index: at, type: e.type };
    }
    return e.kind === "call" ? { ...e, args: e.args.map(replaced) } : e;
  };
  return printExpr(replaced(expression), names);
}

/** `u.at.city` of FIELD(FIELD(u, 1), 0). */
function fieldName(e: Expr, columns: readonly string[]): string {
  if (e.kind === "column") return columns[e.index] ?? "";
  if (e.kind !== "call") return "";
  const [operand, position] = e.args as readonly [Expr, Expr];
  const type: DataType = operand.type;
  const number = position.kind === "literal" ? Number(position.value) : 0;
  const field = type.kind === "ROW" ? type.fields[number]?.name : undefined;
  return `${fieldName(operand, columns)}.${field ?? number}`;
}

/** Names that differ; columns of one meaning hold the same values, so that it does not matter which is which. */
function unique(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} #${count}`;
  });
}
