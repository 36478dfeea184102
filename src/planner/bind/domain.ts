import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { column, literal, type ColumnExpr, type Expr } from "../../expressions/expr.ts";
import { T, withNullable, type Field } from "../../types/data-type.ts";
import type { AggregateCall, Join, Limit, LogicalPlan } from "../logical/algebra.ts";
import { conjunction, replaceColumns, TRUE } from "../logical/rewrite.ts";
import { bindCall } from "./call.ts";
import type { Binding } from "./context.ts";
import { dependsOnOuter, expressionsOf, isOuterColumn, reordered, topN, type Decorrelated } from "./decorrelate.ts";
import { aggregate, columnsOfPlan, correlate, expand, filter, join, over, project, union, windowTvf } from "./nodes.ts";
import { OUTER_BASE } from "./scope.ts";

/**
 * Computes a correlated subquery once for each different set of values that it reads of the enclosing query (its
 * domain) and ties the rows to those of the enclosing query by these values. `outer`: the plan of the enclosing query;
 * `rewrite` maps its original columns to those of that plan. Throws PLANNING for LIMIT without ORDER BY.
 */
export function overDomain(
  plan: LogicalPlan,
  outer: LogicalPlan,
  binding: Binding,
  rewrite: (expr: Expr) => Expr,
  span: Span,
): Decorrelated {
  const columns = columnsAround(plan);
  const values = columns.map((c) => rewrite({ ...c, index: c.index - OUTER_BASE }));
  const names = values.map((_, i) => `$d${i}`);
  const keys = values.map((_, i) => i);
  const domain = aggregate(project(outer, values, names), keys, []);
  const pushed = new DomainPush(domain, new Map(columns.map((c, i) => [c.index, i])), binding, span).push(plan);
  const width = plan.schema.fields.length;
  const conditions = columns.map((c, i) => {
    const own = column(width + i, domain.schema.fields[i]!.type);
    return same(binding, own, { ...c, type: own.type }, span);
  });
  return { plan: pushed, conditions };
}

/** The columns of the query right around the plan that it reads, in order; their numbers start at OUTER_BASE. */
export function columnsAround(plan: LogicalPlan): readonly ColumnExpr[] {
  const used = new Map<number, ColumnExpr>();
  collectOuter(plan, used);
  return [...used.values()].filter((c) => c.index < 2 * OUTER_BASE).sort((a, b) => a.index - b.index);
}

function collectOuter(plan: LogicalPlan, into: Map<number, ColumnExpr>): void {
  const visit = (expr: Expr): Expr =>
    replaceColumns(expr, (c) => {
      if (isOuterColumn(c.index)) into.set(c.index, c);
      return c;
    });
  expressionsOf(plan).forEach(visit);
  for (const input of plan.inputs) collectOuter(input, into);
}

/** Equal, or both NULL. */
function same(binding: Binding, a: Expr, b: Expr, span: Span): Expr {
  return bindCall(binding, a.type.nullable || b.type.nullable ? "IS NOT DISTINCT FROM" : "=", [a, b], span);
}

/** Aggregates that give 0 for no rows; the others give NULL. */
const COUNTS: ReadonlySet<string> = new Set(["COUNT"]);

/** Takes a domain through a plan: the result has the plan's columns, then those of the domain, for each of its rows. */
class DomainPush {
  readonly #domain: LogicalPlan;
  /** By number of a column of the enclosing query: that of the domain. */
  readonly #columns: ReadonlyMap<number, number>;
  readonly #binding: Binding;
  readonly #span: Span;
  readonly #width: number;

  constructor(domain: LogicalPlan, columns: ReadonlyMap<number, number>, binding: Binding, span: Span) {
    this.#domain = domain;
    this.#columns = columns;
    this.#binding = binding;
    this.#span = span;
    this.#width = domain.schema.fields.length;
  }

  push(node: LogicalPlan): LogicalPlan {
    if (!dependsOnOuter(node)) return join(node, this.#domain, "inner", TRUE);
    const width = node.schema.fields.length;
    switch (node.kind) {
      case "Filter":
        return filter(this.push(node.inputs[0]), this.#map(node.predicate, width));
      case "Project": {
        const input = this.push(node.inputs[0]);
        const at = input.schema.fields.length - this.#width;
        return project(
          input,
          [...node.expressions.map((e) => this.#map(e, at)), ...this.#domainColumns(at)],
          [...names(node.schema.fields), ...names(this.#domain.schema.fields)],
        );
      }
      case "Values": {
        const rows = node.rows.map((row) =>
          project(
            this.#domain,
            [...row.map((e) => this.#map(e, 0)), ...this.#domainColumns(0)],
            [...names(node.schema.fields), ...names(this.#domain.schema.fields)],
          ),
        );
        return rows.length === 1 ? rows[0]! : union(rows, [...node.schema.fields, ...this.#domain.schema.fields]);
      }
      case "Union":
        return union(
          node.inputs.map((input) => this.push(input)),
          [...node.schema.fields, ...this.#domain.schema.fields],
        );
      case "Aggregate":
        return this.#aggregate(node.inputs[0], node.keys, node.aggregates);
      case "Join":
        return this.#join(node);
      case "Over": {
        const input = this.push(node.inputs[0]);
        const at = input.schema.fields.length - this.#width;
        const functions = node.functions.map((f) => this.#call(f, at));
        const partition = [...node.partition, ...this.#numbers(at)];
        const { order, span } = node;
        const plan = over(input, { partition, order, functions, span });
        return this.#domainLast(plan, at);
      }
      case "Limit":
        return this.#limit(node);
      case "Expand": {
        const input = this.push(node.inputs[0]);
        const at = input.schema.fields.length - this.#width;
        const sets = node.sets.map((set) => [...set.map((e) => this.#map(e, at)), ...this.#domainColumns(at)]);
        return expand(input, sets, [...node.schema.fields, ...this.#domain.schema.fields]);
      }
      case "Correlate": {
        const input = this.push(node.inputs[0]);
        const at = input.schema.fields.length - this.#width;
        const args = node.call.args.map((e) => this.#map(e, at));
        const condition =
          node.condition === undefined
            ? undefined
            : this.#map(node.condition, at, (i) => (i < at ? i : i + this.#width));
        return this.#domainLast(correlate(input, { ...node.call, args }, node.type, condition), at);
      }
      case "WindowTvf": {
        const input = this.push(node.inputs[0]);
        const at = input.schema.fields.length - this.#width;
        const partition = node.window.type === "session" ? [...node.partition, ...this.#numbers(at)] : node.partition;
        return this.#domainLast(windowTvf(input, node.window, node.time, partition), at);
      }
      case "Scan":
      case "Watermark":
      case "WindowAggregate":
      case "Match":
      case "Rank":
      case "Sort":
      case "Changelog":
      case "Sink":
      case "Collect":
        throw new SqlError("UNSUPPORTED", "This form of correlated subquery is not supported", {
          span: this.#span,
          hint: "write it as a join",
        });
    }
  }

  /** Grouped by the domain as well. Without keys of its own there is a row for each of the domain, as for no rows. */
  #aggregate(input: LogicalPlan, keys: readonly number[], calls: readonly AggregateCall[]): LogicalPlan {
    const pushed = this.push(input);
    const at = pushed.schema.fields.length - this.#width;
    const own = keys.length;
    const mapped = calls.map((call) => this.#call(call, at));
    const plan = this.#domainLast(aggregate(pushed, [...keys, ...this.#numbers(at)], mapped), own);
    if (own > 0) return plan;
    const domainWidth = this.#width;
    const equal = this.#domainColumns(0).map((d, i) =>
      same(this.#binding, d, column(domainWidth + calls.length + i, d.type), this.#span),
    );
    const completed = join(this.#domain, plan, "left", conjunction(equal) ?? TRUE);
    const results = calls.map((call, i): Expr => {
      const result = column(domainWidth + i, withNullable(call.type, true));
      if (!COUNTS.has(call.function)) return result;
      return bindCall(this.#binding, "COALESCE", [result, literal(0n, T.bigint(false))], this.#span);
    });
    return project(
      completed,
      [...results, ...this.#domainColumns(0)],
      [...calls.map((c) => c.name), ...names(this.#domain.schema.fields)],
    );
  }

  #join(node: Join): LogicalPlan {
    const [left, right] = node.inputs;
    const leftWidth = left.schema.fields.length;
    const one = node.type === "semi" || node.type === "anti";
    const rightDepends = dependsOnOuter(right);
    const rightAlone = rightDepends && !dependsOnOuter(left) && (node.type === "inner" || node.type === "right");
    if (rightAlone || (node.type === "right" && !dependsOnOuter(left))) {
      const pushed = this.push(right);
      const at = leftWidth + pushed.schema.fields.length - this.#width;
      return join(left, pushed, node.type, this.#map(node.condition, at));
    }
    // The domain stands between the columns of the sides.
    const l = this.push(left);
    const moved = (i: number): number => (i < leftWidth ? i : i + this.#width);
    const condition = this.#map(node.condition, leftWidth, moved);
    const both = rightDepends || node.type === "right" || node.type === "full";
    if (!both) {
      const plan = join(l, right, node.type, condition);
      return one ? plan : this.#domainLast(plan, leftWidth);
    }
    const r = this.push(right);
    const second = leftWidth + this.#width + right.schema.fields.length;
    const equal = this.#domainColumns(leftWidth).map((d, i) =>
      same(this.#binding, d, column(second + i, d.type), this.#span),
    );
    const plan = join(l, r, node.type, conjunction([condition, ...equal]) ?? TRUE);
    if (one) return plan;
    const all = columnsOfPlan(plan);
    const domain = this.#numbers(leftWidth).map((d, i): Expr => {
      const [a, b] = [all[d]!, all[second + i]!];
      if (node.type === "full") return bindCall(this.#binding, "COALESCE", [a, b], this.#span);
      return node.type === "right" ? b : a;
    });
    return project(
      plan,
      [...all.slice(0, leftWidth), ...all.slice(leftWidth + this.#width, second), ...domain],
      [...names(left.schema.fields), ...names(right.schema.fields), ...names(this.#domain.schema.fields)],
    );
  }

  /** ORDER BY … LIMIT for each of the domain: a Top-N. */
  #limit(node: Limit): LogicalPlan {
    const [sort] = node.inputs;
    if (sort.kind !== "Sort") {
      throw new SqlError("PLANNING", "LIMIT in a correlated subquery needs an ORDER BY", {
        span: this.#span,
        hint: "say which rows: ORDER BY …",
      });
    }
    const input = this.push(sort.inputs[0]);
    return topN(input, this.#numbers(input.schema.fields.length - this.#width), node, sort);
  }

  #call<C extends AggregateCall>(call: C, at: number): C {
    return {
      ...call,
      args: call.args.map((e) => this.#map(e, at)),
      filter: call.filter === undefined ? undefined : this.#map(call.filter, at),
    };
  }

  /** The expression over an input whose domain starts at column `at`; columns of queries further out come one nearer. */
  #map(expr: Expr, at: number, inner: (index: number) => number = (i) => i): Expr {
    return replaceColumns(expr, (c) => {
      if (!isOuterColumn(c.index)) return { ...c, index: inner(c.index) };
      const own = this.#columns.get(c.index);
      if (own === undefined) return { ...c, index: c.index - OUTER_BASE };
      return { ...c, index: at + own };
    });
  }

  /** The plan with the domain, which starts at column `at`, behind all other columns. */
  #domainLast(plan: LogicalPlan, at: number): LogicalPlan {
    const all = plan.schema.fields.map((_, i) => i);
    const end = at + this.#width;
    return reordered(plan, [...all.slice(0, at), ...all.slice(end), ...all.slice(at, end)]);
  }

  #numbers(at: number): readonly number[] {
    return this.#domain.schema.fields.map((_, i) => at + i);
  }

  #domainColumns(at: number): readonly Expr[] {
    return this.#domain.schema.fields.map((f, i) => column(at + i, f.type));
  }
}

function names(fields: readonly Field[]): readonly string[] {
  return fields.map((f) => f.name);
}
