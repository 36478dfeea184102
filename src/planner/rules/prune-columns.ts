import { column } from "../../expressions/expr.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { Field } from "../../types/data-type.ts";
import type { LogicalPlan, Project, Scan, Watermark } from "../logical/algebra.ts";
import { digest, withInputs } from "../logical/rewrite.ts";
import { PathSet, applyFields, fieldAt, pathsIn, replacePaths } from "./paths.ts";
import type { Path } from "./paths.ts";
import { keyColumns, prunedScan } from "./prune-scan.ts";
import { allOf, indexOf, isIdentity, narrowed, remapped, whole, type Pruned } from "./pruned.ts";
import { keptSide } from "./unique-keys.ts";

/**
 * Only what is read: columns, and fields of ROW columns, that nobody needs are neither decoded nor carried. A table that
 * several consumers read (several views of one source, several INSERTs of one job) keeps one scan and one watermark with
 * the union of what they need; so all roots of a job are pruned together.
 */
export function pruneColumns(roots: readonly LogicalPlan[]): readonly LogicalPlan[] {
  const sources = new Map<string, PathSet>();
  const collect = new Pruner(sources, false);
  for (const root of roots) collect.root(root);
  const rewrite = new Pruner(sources, true);
  return roots.map((root) => rewrite.root(root));
}

/** Its updates depend on the columns that are read. */
function saysUpdates(plan: LogicalPlan): boolean {
  return plan.kind === "Aggregate" || plan.kind === "Rank" || plan.inputs.some(saysUpdates);
}

class Pruner {
  /** What is needed of each source (scan, or watermark over a scan), by its digest. */
  readonly #sources: Map<string, PathSet>;
  /** False: the first pass, which only collects. */
  readonly #rewriting: boolean;
  readonly #done = new Map<string, Pruned>();
  /** What OVER reads, all of whose updates it sees. */
  readonly #whole = new Set<LogicalPlan>();

  constructor(sources: Map<string, PathSet>, rewriting: boolean) {
    this.#sources = sources;
    this.#rewriting = rewriting;
  }

  root(plan: LogicalPlan): LogicalPlan {
    if (plan.kind !== "Sink" && plan.kind !== "Collect") return this.exactly(plan);
    return withInputs(plan, [this.exactly(plan.inputs[0])]);
  }

  /**
   * As in Flink, OVER and the Top-N made of it see the updates of all columns below them, unless they compute any: also
   * those that they do not read.
   */
  private wholeBelow(plan: LogicalPlan): void {
    if (plan.kind === "Filter" || (plan.kind === "Project" && plan.expressions.every((e) => e.kind === "column")))
      this.wholeBelow(plan.inputs[0]);
    else if (plan.kind !== "Project" && saysUpdates(plan)) this.#whole.add(plan);
  }

  /** The plan with exactly its own columns. */
  private exactly(plan: LogicalPlan): LogicalPlan {
    return this.columns(
      plan,
      plan.schema.fields.map((_, i) => i),
    );
  }

  /** The plan with exactly these of its columns, in this order. */
  private columns(plan: LogicalPlan, wanted: readonly number[]): LogicalPlan {
    const needed = new PathSet();
    for (const index of wanted) needed.add(whole(index));
    const pruned = this.prune(plan, needed);
    const fields = wanted.map((i) => plan.schema.fields[i] as Field);
    const expressions = wanted.map((i, k) => ({ ...pruned.at(whole(i)), type: (fields[k] as Field).type }));
    if (isIdentity(expressions, pruned.plan)) return pruned.plan;
    return { kind: "Project", schema: { fields }, inputs: [pruned.plan], expressions } satisfies Project;
  }

  private prune(plan: LogicalPlan, read: PathSet): Pruned {
    const needed = this.#whole.has(plan) ? allOf(plan) : read;
    switch (plan.kind) {
      case "Scan":
      case "Watermark":
        return this.source(plan, needed);
      case "Project":
        return this.project(plan, needed);
      case "Filter": {
        const child = this.child(plan.inputs[0], needed, [plan.predicate], []);
        return {
          plan: {
            ...plan,
            schema: child.plan.schema,
            inputs: [child.plan],
            predicate: replacePaths(plan.predicate, child.at),
          },
          at: child.at,
        };
      }
      case "Aggregate": {
        const base = plan.keys.length;
        const kept = plan.aggregates.filter((_, i) => needed.paths.some((p) => p.column === base + i));
        const child = this.aggregateInput(plan.inputs[0], plan.keys, kept, saysUpdates(plan.inputs[0]));
        const keys = plan.keys.map((k) => indexOf(child, k));
        const keptIndex = plan.aggregates.map((a) => kept.indexOf(a));
        const fields = plan.schema.fields.filter((_, i) => i < base || (keptIndex[i - base] as number) >= 0);
        return {
          plan: {
            ...plan,
            schema: { fields },
            inputs: [child.plan],
            keys,
            aggregates: kept.map((a) => rewriteCall(a, child)),
          },
          at: remapped(plan, (i) => (i < base ? i : base + (keptIndex[i - base] as number))),
        };
      }
      case "WindowAggregate":
        return this.windowAggregate(plan, needed);
      case "WindowTvf": {
        const width = plan.inputs[0].schema.fields.length;
        const below = pathsBelow(needed, width);
        const child = this.child(plan.inputs[0], below, [], [plan.time, ...plan.partition]);
        const childWidth = child.plan.schema.fields.length;
        return {
          plan: {
            ...plan,
            schema: { fields: [...child.plan.schema.fields, ...plan.schema.fields.slice(width)] },
            inputs: [child.plan],
            time: indexOf(child, plan.time),
            partition: plan.partition.map((p) => indexOf(child, p)),
          },
          at: (path) =>
            path.column < width
              ? child.at(path)
              : column(childWidth + path.column - width, (plan.schema.fields[path.column] as Field).type),
        };
      }
      case "Join":
        return this.join(plan, needed);
      case "Union": {
        const wanted = [...new Set(needed.paths.map((p) => p.column))];
        const inputs = plan.inputs.map((input) => this.columns(input, wanted));
        return {
          plan: { ...plan, schema: { fields: wanted.map((i) => plan.schema.fields[i] as Field) }, inputs },
          at: remapped(plan, (i) => wanted.indexOf(i)),
        };
      }
      case "Over": {
        const width = plan.inputs[0].schema.fields.length;
        const kept = plan.functions.filter((_, i) => needed.paths.some((p) => p.column === width + i));
        if (kept.length === 0) return this.prune(plan.inputs[0], needed);
        this.wholeBelow(plan.inputs[0]);
        const fields = plan.schema.fields.filter((_, i) => i < width || kept.includes(plan.functions[i - width]!));
        const expressions = kept.flatMap((f) => (f.filter === undefined ? f.args : [...f.args, f.filter]));
        const over = { ...plan, functions: kept, schema: { fields } };
        const pruned = this.appending(
          over,
          needed,
          expressions,
          (child) => ({
            ...over,
            partition: plan.partition.map((p) => indexOf(child, p)),
            order: plan.order.map((o) => ({ ...o, column: indexOf(child, o.column) })),
            functions: kept.map((f) => rewriteCall(f, child)),
          }),
          [...plan.partition, ...plan.order.map((o) => o.column)],
        );
        const moved = (i: number): number => (i < width ? i : width + kept.indexOf(plan.functions[i - width]!));
        return { plan: pruned.plan, at: (path) => pruned.at({ ...path, column: moved(path.column) }) };
      }
      case "Rank": {
        if (plan.outputRank) this.wholeBelow(plan.inputs[0]);
        const width = plan.inputs[0].schema.fields.length;
        // Without the rank number a row that only changes its place changes nothing (topn/top_no_rank).
        const outputRank = plan.outputRank && needed.paths.some((p) => p.column === width);
        return this.appending(
          { ...plan, outputRank, schema: outputRank ? plan.schema : plan.inputs[0].schema },
          needed,
          [],
          (child) => ({
            ...plan,
            outputRank,
            partition: plan.partition.map((p) => indexOf(child, p)),
            order: plan.order.map((o) => ({ ...o, column: indexOf(child, o.column) })),
          }),
          [...plan.partition, ...plan.order.map((o) => o.column)],
        );
      }
      case "Sort":
        return this.appending(
          plan,
          needed,
          [],
          (child) => ({
            ...plan,
            order: plan.order.map((o) => ({ ...o, column: indexOf(child, o.column) })),
          }),
          plan.order.map((o) => o.column),
        );
      case "Match":
        // Its input was made of what it reads.
        return { plan: { ...plan, inputs: [this.exactly(plan.inputs[0])] }, at: remapped(plan, (i) => i) };
      case "Limit":
        return this.appending(plan, needed, [], () => plan, []);
      case "Changelog": {
        // Fewer columns below would be fewer changes: an aggregate says nothing when what is left of its row is the same.
        const input = this.exactly(plan.inputs[0]);
        return { plan: { ...plan, inputs: [input] }, at: remapped(plan, (i) => i) };
      }
      case "Expand": {
        const wanted = [...new Set(needed.paths.map((p) => p.column))];
        const sets = plan.sets.map((set) => wanted.map((i) => set[i] as Expr));
        const child = this.child(plan.inputs[0], new PathSet(), sets.flat(), []);
        return {
          plan: {
            ...plan,
            schema: { fields: wanted.map((i) => plan.schema.fields[i] as Field) },
            inputs: [child.plan],
            sets: sets.map((set) => set.map((e) => replacePaths(e, child.at))),
          },
          at: remapped(plan, (i) => wanted.indexOf(i)),
        };
      }
      case "Correlate": {
        const { call, condition } = plan;
        const width = plan.inputs[0].schema.fields.length;
        const below = new PathSet();
        if (condition !== undefined) pathsIn(condition, below);
        return this.appending(
          plan,
          needed,
          [...call.args],
          (child) => {
            const childWidth = child.plan.schema.fields.length;
            const at = (path: Path): Expr =>
              path.column < width
                ? child.at(path)
                : applyFields(
                    column(childWidth + path.column - width, (plan.schema.fields[path.column] as Field).type),
                    path.fields,
                  );
            return {
              ...plan,
              call: { ...call, args: call.args.map((e) => replacePaths(e, child.at)) },
              condition: condition === undefined ? undefined : replacePaths(condition, at),
            };
          },
          [...new Set(below.paths.map((p) => p.column))].filter((c) => c < width),
        );
      }
      case "Values":
        return { plan, at: remapped(plan, (i) => i) };
      case "Sink":
      case "Collect":
        return { plan: this.root(plan), at: remapped(plan, (i) => i) };
    }
  }

  /** Prunes a child to `needed`, what the expressions read, and whole columns. */
  private child(plan: LogicalPlan, needed: PathSet, expressions: readonly Expr[], columns: readonly number[]): Pruned {
    return this.prune(plan, this.needs(needed, expressions, columns));
  }

  private needs(needed: PathSet, expressions: readonly Expr[], columns: readonly number[]): PathSet {
    const all = new PathSet();
    all.addAll(needed.paths);
    for (const index of columns) all.add(whole(index));
    for (const e of expressions) pathsIn(e, all);
    return all;
  }

  private source(plan: Scan | Watermark, needed: PathSet): Pruned {
    const key = digest(plan);
    if (!this.#rewriting) {
      const all = this.#sources.get(key) ?? new PathSet();
      this.#sources.set(key, all);
      all.addAll(needed.paths);
      if (plan.kind === "Scan" && plan.normalized === true) for (const at of keyColumns(plan)) all.add(whole(at));
      return plan.kind === "Scan" ? prunedScan(plan, all) : this.watermark(plan, all);
    }
    const done = this.#done.get(key);
    if (done !== undefined) return done;
    const all = this.#sources.get(key) ?? needed;
    const pruned = plan.kind === "Scan" ? prunedScan(plan, all) : this.watermark(plan, all);
    this.#done.set(key, pruned);
    return pruned;
  }

  private watermark(plan: Watermark, needed: PathSet): Pruned {
    const child = this.child(plan.inputs[0], needed, [plan.expression], [plan.rowtime]);
    const rowtime = indexOf(child, plan.rowtime);
    const type = (plan.schema.fields[plan.rowtime] as Field).type;
    const fields = child.plan.schema.fields.map((f, i) => (i === rowtime ? { ...f, type } : f));
    return {
      plan: {
        ...plan,
        schema: { fields },
        inputs: [child.plan],
        rowtime,
        expression: replacePaths(plan.expression, child.at),
      },
      at: child.at,
    };
  }

  private project(plan: Project, needed: PathSet): Pruned {
    const expressions = needed.paths.map((path) => applyFields(plan.expressions[path.column] as Expr, path.fields));
    const child = this.child(plan.inputs[0], new PathSet(), expressions, []);
    const fields = needed.paths.map((path) => fieldAt(plan.schema.fields, path));
    return {
      plan: {
        ...plan,
        schema: { fields },
        inputs: [child.plan],
        expressions: expressions.map((e) => replacePaths(e, child.at)),
      },
      at: (path) => column(needed.indexOf(path), fieldAt(plan.schema.fields, path).type),
    };
  }

  /** `whole`: where no column is read at all, all stay, as in Flink: fewer of them would be fewer updates to count. */
  private aggregateInput(
    input: LogicalPlan,
    columns: readonly number[],
    calls: readonly Call[],
    whole = false,
  ): Pruned {
    const expressions = calls.flatMap((a) => (a.filter === undefined ? a.args : [...a.args, a.filter]));
    if (whole && columns.length === 0 && expressions.length === 0)
      return { plan: this.exactly(input), at: remapped(input, (i) => i) };
    return this.child(input, new PathSet(), expressions, columns);
  }

  private windowAggregate(plan: Extract<LogicalPlan, { kind: "WindowAggregate" }>, needed: PathSet): Pruned {
    const base = plan.keys.length;
    const last = base + plan.aggregates.length;
    const kept = plan.aggregates.filter((_, i) => needed.paths.some((p) => p.column === base + i));
    const keptIndex = plan.aggregates.map((a) => kept.indexOf(a));
    const windowColumns =
      plan.attached === undefined ? [plan.time] : [plan.time, plan.attached.start, plan.attached.end];
    const child = this.aggregateInput(plan.inputs[0], [...plan.keys, ...windowColumns], kept);
    const fields = plan.schema.fields.filter((_, i) => i < base || i >= last || (keptIndex[i - base] as number) >= 0);
    return {
      plan: {
        ...plan,
        schema: { fields },
        inputs: [child.plan],
        time: indexOf(child, plan.time),
        attached: plan.attached && {
          start: indexOf(child, plan.attached.start),
          end: indexOf(child, plan.attached.end),
        },
        keys: plan.keys.map((k) => indexOf(child, k)),
        aggregates: kept.map((a) => rewriteCall(a, child)),
      },
      at: remapped(plan, (i) => {
        if (i < base) return i;
        return i >= last ? i - plan.aggregates.length + kept.length : base + (keptIndex[i - base] as number);
      }),
    };
  }

  private join(plan: Extract<LogicalPlan, { kind: "Join" }>, needed: PathSet): Pruned {
    const width = plan.inputs[0].schema.fields.length;
    const kept = this.keptSide(plan, needed);
    if (kept !== undefined) return kept;
    const all = new PathSet();
    all.addAll(needed.paths);
    pathsIn(plan.condition, all);
    const left = new PathSet();
    const right = new PathSet();
    for (const path of all.paths) {
      if (path.column < width) left.add(path);
      else right.add({ column: path.column - width, fields: path.fields });
    }
    const { asOf } = plan;
    if (asOf?.kind === "rowtime") {
      left.add(whole(asOf.leftTime));
      right.add(whole(asOf.rightTime));
    }
    const l = narrowed(this.prune(plan.inputs[0], left), plan.inputs[0], left);
    const r = narrowed(this.prune(plan.inputs[1], right), plan.inputs[1], right);
    const leftWidth = l.plan.schema.fields.length;
    const at = (path: Path): Expr => {
      if (path.column < width) return l.at(path);
      const e = r.at({ column: path.column - width, fields: path.fields });
      return shifted(e, leftWidth);
    };
    const joined = plan.type === "semi" || plan.type === "anti" ? [] : r.plan.schema.fields;
    const padLeft = plan.type === "right" || plan.type === "full";
    const padRight = plan.type === "left" || plan.type === "full";
    const fields = [
      ...l.plan.schema.fields.map((f) => (padLeft ? nullable(f) : f)),
      ...joined.map((f) => (padRight ? nullable(f) : f)),
    ];
    const condition = replacePaths(plan.condition, at);
    const times =
      asOf?.kind === "rowtime"
        ? { asOf: { ...asOf, leftTime: indexOf(l, asOf.leftTime), rightTime: indexOf(r, asOf.rightTime) } }
        : {};
    return { plan: { ...plan, schema: { fields }, inputs: [l.plan, r.plan], condition, ...times }, at };
  }

  /** An outer join that only passes on the rows of one side is that side. */
  private keptSide(plan: Extract<LogicalPlan, { kind: "Join" }>, needed: PathSet): Pruned | undefined {
    const side = needed.paths.length === 0 ? undefined : keptSide(plan);
    const width = plan.inputs[0].schema.fields.length;
    if (side === undefined || needed.paths.some((p) => p.column < width !== (side === "left"))) return undefined;
    if (side === "left") return this.prune(plan.inputs[0], needed);
    const ofRight = (path: Path): Path => ({ ...path, column: path.column - width });
    const paths = new PathSet();
    paths.addAll(needed.paths.map(ofRight));
    const right = this.prune(plan.inputs[1], paths);
    return { plan: right.plan, at: (path) => right.at(ofRight(path)) };
  }

  /** Nodes that pass their input's columns and may append some. */
  private appending(
    plan: LogicalPlan,
    needed: PathSet,
    expressions: readonly Expr[],
    rebuild: (child: Pruned) => LogicalPlan,
    columns: readonly number[],
  ): Pruned {
    const input = plan.inputs[0] as LogicalPlan;
    const width = input.schema.fields.length;
    const all = this.needs(pathsBelow(needed, width), expressions, columns);
    const child = narrowed(this.prune(input, all), input, all);
    const childWidth = child.plan.schema.fields.length;
    const appended = plan.schema.fields.slice(width);
    return {
      plan: {
        ...rebuild(child),
        schema: { fields: [...child.plan.schema.fields, ...appended] },
        inputs: [child.plan],
      } as LogicalPlan,
      at: (path) =>
        path.column < width
          ? child.at(path)
          : applyFields(
              column(childWidth + path.column - width, (plan.schema.fields[path.column] as Field).type),
              path.fields,
            ),
    };
  }
}

type Call = Extract<LogicalPlan, { kind: "Aggregate" }>["aggregates"][number];

function rewriteCall<C extends Call>(call: C, child: Pruned): C {
  return {
    ...call,
    args: call.args.map((e) => replacePaths(e, child.at)),
    filter: call.filter === undefined ? undefined : replacePaths(call.filter, child.at),
  };
}

function shifted(e: Expr, by: number): Expr {
  if (e.kind === "column") return { ...e, index: e.index + by };
  return e.kind === "call" ? { ...e, args: e.args.map((a) => shifted(a, by)) } : e;
}

function nullable(field: Field): Field {
  return field.type.nullable ? field : { ...field, type: { ...field.type, nullable: true } };
}

function pathsBelow(needed: PathSet, width: number): PathSet {
  const below = new PathSet();
  below.addAll(needed.paths.filter((p) => p.column < width));
  return below;
}
