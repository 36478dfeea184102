import { must } from "../../base/assert.ts";
import { SqlError } from "../../base/errors.ts";
import { column, literal, type Expr } from "../../expressions/expr.ts";
import { isProctime, T, withNullable } from "../../types/data-type.ts";
import type { AggregateCall, LogicalPlan } from "../logical/algebra.ts";
import { digest } from "../logical/rewrite.ts";
import { timeAttributeOf } from "../traits/time-attributes.ts";
import { argumentsOf, bindCall } from "./call.ts";
import { settleAverages } from "./averages.ts";
import { coerce } from "./coercion.ts";
import type { Binding } from "./context.ts";
import type { Grouping } from "./group-by.ts";
import type { GroupWindowProperty } from "./group-window.ts";
import { aggregate, columnsOfPlan, expand, extend, windowTvf } from "./nodes.ts";
import { PENDING_BASE } from "./pending.ts";
import { OUTER_BASE } from "./scope.ts";
import { windowColumns, withTime } from "./window-tvf.ts";

/** An Aggregate and where its results are. */
export interface AggregateResult {
  readonly plan: LogicalPlan;
  /** By key of the grouping. */
  readonly keys: readonly Expr[];
  /** By aggregate. */
  readonly aggregates: readonly Expr[];
  readonly property: (property: GroupWindowProperty) => Expr;
  /** GROUPING of one or more keys, or GROUP_ID (no keys): a number made from the set of the row. */
  readonly grouping: (keys: readonly number[], binding: Binding, span: Expr["span"]) => Expr;
}

/** Groups the rows of `input`. */
export function buildAggregate(
  input: LogicalPlan,
  grouping: Grouping,
  bound: readonly AggregateCall[],
): AggregateResult {
  const calls = settleAverages(bound);
  const computed = grouping.keys.filter((k) => k.kind !== "column");
  const width = input.schema.fields.length;
  const outer = grouping.keys.find((k) => k.kind === "column" && k.index >= width);
  if (outer !== undefined) {
    throw new SqlError("UNSUPPORTED", "a sub-query groups by a column of the query around it", {
      span: outer.span,
      hint: "that column is the same for all of its rows: leave it out of GROUP BY",
    });
  }
  const extended = extend(
    input,
    computed,
    computed.map((_, i) => `$k${i}`),
  );
  const positions = grouping.keys.map((k) => (k.kind === "column" ? k.index : width + computed.indexOf(k)));
  if (grouping.window !== undefined) return aggregateWindow(extended, grouping, positions, calls);
  if (grouping.sets.length > 1 || grouping.sets[0]!.length < grouping.keys.length) {
    return aggregateSets(extended, grouping, positions, calls);
  }
  const plan = aggregate(extended, positions, calls);
  return {
    plan,
    keys: positions.map((_, i) => at(plan, i)),
    aggregates: calls.map((_, i) => at(plan, positions.length + i)),
    property: noWindow,
    grouping: () => literal(0n, T.bigint(false)),
  };
}

function at(plan: LogicalPlan, index: number): Expr {
  return column(index, must(plan.schema.fields[index], "column").type);
}

function noWindow(): never {
  throw new SqlError("BUG", "a group window property without a group window");
}

function aggregateWindow(
  input: LogicalPlan,
  grouping: Grouping,
  positions: readonly number[],
  calls: readonly AggregateCall[],
): AggregateResult {
  const { time, rowtime, spec } = must(grouping.window, "group window");
  const width = input.schema.fields.length;
  const present = timeAttributeOf(rowtime) === undefined ? withTime(input, time) : input;
  const inInput =
    time.kind === "column" && timeAttributeOf(input.schema.fields[time.index]?.type) === timeAttributeOf(time.type);
  const timed = inInput ? present : extend(present, [time], ["$time"]);
  const index = inInput ? time.index : width;
  const tvf = windowTvf(timed, spec, index, spec.type === "session" ? positions : []);
  const windowed: LogicalPlan = { ...tvf, group: true };
  const { start, end, time: windowTime } = windowColumns(windowed);
  const plan = aggregate(windowed, [...positions, start, end, windowTime], calls);
  const n = positions.length;
  return {
    plan,
    keys: positions.map((_, i) => at(plan, i)),
    aggregates: calls.map((_, i) => at(plan, n + 3 + i)),
    property: (property) => {
      // A window of event times has no processing time.
      if (property === "proctime" && !isProctime(time.type)) return literal(null, T.timestamp(3));
      const value = at(plan, n + (property === "start" ? 0 : property === "end" ? 1 : 2));
      const isPlain = property === "rowtime" && timeAttributeOf(rowtime) === undefined;
      return isPlain ? coerce(value, rowtime) : value;
    },
    grouping: () => literal(0n, T.bigint(false)),
  };
}

/**
 * GROUPING SETS: each row once per set. Keys that every set has stay the input's columns; the others get columns that
 * are NULL in the sets without them, and the number of the set is one more key.
 */
function aggregateSets(
  input: LogicalPlan,
  grouping: Grouping,
  positions: readonly number[],
  calls: readonly AggregateCall[],
): AggregateResult {
  const { sets } = grouping;
  const width = input.schema.fields.length;
  const partial = positions.map((_, k) => k).filter((k) => !sets.every((set) => set.includes(k)));
  const fieldOf = (k: number): { name: string; type: Expr["type"] } => {
    const field = must(input.schema.fields[positions[k]!], "key");
    return { name: `${field.name}$`, type: withNullable(field.type, true) };
  };
  const rows = sets.map((set, id): readonly Expr[] => [
    ...columnsOfPlan(input),
    ...partial.map((k) => (set.includes(k) ? at(input, positions[k]!) : literal(null, fieldOf(k).type))),
    literal(BigInt(id), T.bigint(false)),
  ]);
  const fields = [...input.schema.fields, ...partial.map(fieldOf), { name: "expand_id$", type: T.bigint(false) }];
  const expanded = expand(input, rows, fields);
  const keyPositions = positions.map((p, k) => (partial.includes(k) ? width + partial.indexOf(k) : p));
  const plan = aggregate(expanded, [...keyPositions, width + partial.length], calls);
  const n = positions.length;
  const id = at(plan, n);
  return {
    plan,
    keys: positions.map((_, i) => at(plan, i)),
    aggregates: calls.map((_, i) => at(plan, n + 1 + i)),
    property: noWindow,
    grouping(keys, binding, span) {
      const value = (set: readonly number[], setId: number): bigint => {
        if (keys.length > 0) return keys.reduce((bits, k) => bits * 2n + (set.includes(k) ? 0n : 1n), 0n);
        // GROUP_ID: how many equal sets came before.
        const same = (other: readonly number[]): boolean =>
          other.length === set.length && other.every((k) => set.includes(k));
        return BigInt(sets.slice(0, setId).filter(same).length);
      };
      const number = (v: bigint): Expr => literal(v, T.bigint(false), span);
      const values = sets.map(value);
      if (values.every((v) => v === values[0])) return number(values[0] ?? 0n);
      const branches = values
        .slice(0, -1)
        .flatMap((v, i) => [bindCall(binding, "=", [id, number(BigInt(i))], span ?? NOWHERE), number(v)]);
      return bindCall(binding, "CASE", [...branches, number(values.at(-1)!)], span ?? NOWHERE);
    },
  };
}

const NOWHERE = { start: 0, end: 0 };

/** What expressions of a query become after its rows were grouped. */
export interface GroupedRewrite {
  readonly grouping: Grouping;
  readonly result: AggregateResult;
  readonly binding: Binding;
  /** Pending columns by number. */
  readonly resolved: ReadonlyMap<number, Expr>;
  /** How a column of the input is called, for the message. */
  readonly nameOf: (index: number) => string;
}

/** Maps an expression over the input to one over the groups. Throws GROUPING for a column that is no key. */
export function rewriteGrouped(expr: Expr, rewrite: GroupedRewrite): Expr {
  const keys = new Map(rewrite.grouping.keys.map((k, i) => [digest(k), i]));
  const walk = (node: Expr): Expr => {
    const key = node.kind === "literal" ? undefined : keys.get(digest(node));
    if (key !== undefined) return { ...must(rewrite.result.keys[key], "key"), span: node.span };
    switch (node.kind) {
      case "literal":
        return node;
      case "column":
        if (node.index >= PENDING_BASE) return must(rewrite.resolved.get(node.index), "pending result");
        if (node.index >= OUTER_BASE) return node;
        throw new SqlError("GROUPING", `Expression '${rewrite.nameOf(node.index)}' is not being grouped`, {
          span: node.span,
          hint: "add it to GROUP BY, or use an aggregate such as MAX",
        });
      case "call": {
        const args = node.args.map(walk);
        const changed = args.some((a, i) => a.type.nullable !== node.args[i]!.type.nullable);
        const call = { ...node, args };
        return changed ? retyped(call, rewrite.binding) : call;
      }
    }
  };
  return walk(expr);
}

/** The call with the nullability that its arguments now have. */
function retyped(call: Extract<Expr, { kind: "call" }>, binding: Binding): Expr {
  if (call.function === "CAST") return { ...call, type: withNullable(call.type, call.args[0]!.type.nullable) };
  if (call.function === "FIELD")
    return { ...call, type: withNullable(call.type, call.type.nullable || call.args[0]!.type.nullable) };
  const resolution = binding.functions.scalar(call.function)?.resolve(argumentsOf(call.args));
  return resolution === undefined ? call : { ...call, type: withNullable(call.type, resolution.type.nullable) };
}
