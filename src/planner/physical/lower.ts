import { SqlError } from "../../base/errors.ts";
import { column } from "../../expressions/expr.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { AggregateCallSpec, OperatorSpec, PhysicalNode } from "../../runtime/spec.ts";
import type { DataType, Field, Value } from "../../types/data-type.ts";
import { isBatch } from "../batch-mode.ts";
import type { Aggregate, AggregateCall, Collect, LogicalPlan, Project, Rank, Sink } from "../logical/algebra.ts";
import { conjunction, digest } from "../logical/rewrite.ts";
import { timeAttribute } from "../traits/time-attributes.ts";
import { holdsWindow, windowColumns } from "../traits/window-columns.ts";
import { calcChain } from "./calc.ts";
import { refuseConstantZero } from "./constant-zero.ts";
import type { PlanContext } from "./context.ts";
import { isPure } from "./context.ts";
import { aggregateList, columnList, expressionText, orderList, selectList } from "./describe.ts";
import { DraftGraph, FORWARD, refuseUpdates, typesOf, uniqueFields } from "./draft.ts";
import type { Draft } from "./draft.ts";
import { lowerCorrelate } from "./lower-correlate.ts";
import { lowerChangelog } from "./lower-changelog.ts";
import { finalRows, withEmptyRow } from "./lower-batch.ts";
import { lowerFinalOver } from "./lower-final-over.ts";
import { lowerJoin } from "./lower-join.ts";
import { withGroupKeys } from "./group-keys.ts";
import { lowerMatch } from "./lower-match.ts";
import { lowerOver } from "./lower-over.ts";
import { lowerScan } from "./lower-scan.ts";
import { lowerSink } from "./lower-sink.ts";
import { lowerWindowAggregate, lowerWindowTvf, refuseProcessingTimeRank } from "./lower-window.ts";
import { assignMiniBatches, deduplicateMiniBatch, groupMiniBatch } from "./mini-batch.ts";
import { durationOption } from "./options.ts";
import { assignPhases } from "./phases.ts";
import { keyOfUpdates } from "./trends.ts";

/** Algebra → operator specs; one method per kind. All roots of a job share one graph. */
export class Lowering {
  readonly graph = new DraftGraph();
  readonly context: PlanContext;
  readonly ttlMillis: number;
  readonly batch: boolean;

  constructor(context: PlanContext) {
    this.context = context;
    this.batch = isBatch(context.options);
    this.ttlMillis = durationOption(context.options, "table.exec.state.ttl", 0);
  }

  root(plan: LogicalPlan): void {
    if (plan.kind !== "Sink" && plan.kind !== "Collect")
      throw new SqlError("BUG", `a ${plan.kind} is not the root of a job`);
    lowerSink(this, plan satisfies Sink | Collect);
  }

  finish(): readonly PhysicalNode[] {
    assignMiniBatches(this.graph, this.context);
    assignPhases(this.graph, this.context);
    return this.graph.finish();
  }

  pure(expr: Expr): boolean {
    return isPure(expr, this.context.functions);
  }

  node(
    spec: OperatorSpec,
    inputs: readonly Draft[],
    description: string,
    fields: readonly Field[],
    shareable = true,
  ): Draft {
    return this.graph.add({
      spec,
      inputs: inputs.map((from) => ({ from, exchange: FORWARD })),
      description,
      fields,
      shareable: shareable && inputs.every((i) => i.shareable),
    });
  }

  lower(plan: LogicalPlan): Draft {
    switch (plan.kind) {
      case "Project":
      case "Filter":
        return this.calc(plan);
      case "Scan":
        return lowerScan(this, plan, []).draft;
      case "Values":
        return this.values(plan.rows, plan.schema.fields);
      case "Watermark": {
        const input = this.lower(plan.inputs[0]);
        const idle = plan.options.get("scan.watermark.idle-timeout");
        const spec: OperatorSpec = {
          kind: "watermark",
          input: typesOf(input),
          rowtime: plan.rowtime,
          expression: this.context.fold(plan.expression),
          intervalMillis: durationOption(this.context.options, "pipeline.auto-watermark-interval", 200),
          onEvent: plan.options.get("scan.watermark.emit.strategy") === "on-event",
          ...(this.batch ? { atEnd: true } : {}),
          idleTimeoutMillis:
            idle === undefined
              ? durationOption(this.context.options, "table.exec.source.idle-timeout", 0)
              : durationOption(plan.options, "scan.watermark.idle-timeout", 0),
        };
        const name = plan.schema.fields[plan.rowtime]?.name ?? "";
        return this.node(
          spec,
          [input],
          `WatermarkAssigner(rowtime=[${name}], watermark=[${expressionText(plan.expression, input.fields)}])`,
          plan.schema.fields,
        );
      }
      case "Union": {
        const inputs = plan.inputs.map((input) => this.lower(input));
        const types = plan.schema.fields.map((f) => f.type);
        return this.node(
          { kind: "union", types },
          inputs,
          `Union(all=[true], union=[${plan.schema.fields.map((f) => f.name).join(", ")}])`,
          plan.schema.fields,
        );
      }
      case "Aggregate":
        return this.aggregate(plan);
      case "WindowAggregate":
        return lowerWindowAggregate(this, plan);
      case "WindowTvf":
        return lowerWindowTvf(this, plan);
      case "Join":
        return lowerJoin(this, plan);
      case "Correlate":
        return lowerCorrelate(this, plan);
      case "Rank": {
        const kept = this.batch ? plan : withGroupKeys(plan);
        return kept.kind === "Rank" ? this.rank(kept) : this.lower(kept);
      }
      case "Over":
        return this.batch ? lowerFinalOver(this, plan) : lowerOver(this, plan);
      case "Match":
        return lowerMatch(this, plan);
      case "Sort":
        return this.sort(plan);
      case "Limit": {
        if (plan.fetch < 0 && !this.batch) {
          const message = "FETCH is missed, which on streaming table is not supported currently.";
          throw new SqlError("PLANNING", message, { hint: "add LIMIT n, or FETCH NEXT n ROWS ONLY" });
        }
        const input = this.lower(plan.inputs[0]);
        const spec: OperatorSpec = {
          kind: "limit",
          input: typesOf(input),
          offset: plan.offset,
          fetch: plan.fetch,
          retracting: !input.appendOnly,
        };
        return this.node(spec, [input], `Limit(offset=[${plan.offset}], fetch=[${plan.fetch}])`, plan.schema.fields);
      }
      case "Changelog":
        return lowerChangelog(this, plan);
      case "Expand": {
        const input = this.lower(plan.inputs[0]);
        const sets = plan.sets.map((set) => set.map((e) => this.context.fold(e)));
        return this.node(
          { kind: "expand", input: typesOf(input), sets },
          [input],
          `Expand(projects=[${sets.map((set) => `{${selectList(set, input.fields, plan.schema.fields)}}`).join(", ")}])`,
          plan.schema.fields,
        );
      }
      case "Sink":
      case "Collect":
        throw new SqlError("BUG", `a ${plan.kind} inside a plan`);
    }
  }

  /** The zone that windows align to when the time attribute is an instant. */
  ltzZone(input: Draft, time: number): string | undefined {
    return input.fields[time]?.type.kind === "TIMESTAMP_LTZ" ? this.context.session.timeZone : undefined;
  }

  private calc(plan: LogicalPlan): Draft {
    const calc = calcChain(plan, (e) => this.pure(e));
    const scanned = calc.input.kind === "Scan" ? lowerScan(this, calc.input, calc.conditions) : undefined;
    const predicate = conjunction(scanned?.rest ?? calc.conditions);
    const filter = predicate === undefined ? undefined : refuseConstantZero(this.context.fold(predicate));
    const always = filter?.kind === "literal" && filter.value === true;
    const projections = calc.expressions.map((e) => refuseConstantZero(this.context.fold(e)));
    if (
      calc.input.kind === "Values" &&
      calc.input.schema.fields.length === 0 &&
      calc.input.rows.length === 1 &&
      (filter === undefined || always)
    ) {
      return this.values([projections], calc.fields);
    }
    const input = scanned?.draft ?? this.lower(calc.input);
    const identity =
      projections.length === input.fields.length && projections.every((e, i) => e.kind === "column" && e.index === i);
    if (identity && (filter === undefined || always)) {
      return sameNames(input.fields, uniqueFields(calc.fields)) ? input : this.renamed(input, calc.fields, projections);
    }
    const where = filter === undefined || always ? "" : `, where=[${expressionText(filter, input.fields)}]`;
    const spec: OperatorSpec = {
      kind: "calc",
      input: typesOf(input),
      ...(filter === undefined || always ? {} : { filter }),
      projections,
    };
    const pure = projections.every((e) => this.pure(e)) && (filter === undefined || this.pure(filter));
    return this.node(
      spec,
      [input],
      `Calc(select=[${selectList(projections, input.fields, calc.fields)}]${where})`,
      calc.fields,
      pure,
    );
  }

  /** A projection that only renames costs nothing at run time but gives EXPLAIN and sinks the right names. */
  private renamed(input: Draft, fields: readonly Field[], projections: readonly Expr[]): Draft {
    const spec: OperatorSpec = { kind: "calc", input: typesOf(input), projections };
    return this.node(spec, [input], `Calc(select=[${selectList(projections, input.fields, fields)}])`, fields);
  }

  private values(rows: readonly (readonly Expr[])[], fields: readonly Field[]): Draft {
    const types = fields.map((f) => f.type);
    const folded = rows.map((row) => row.map((e) => refuseConstantZero(this.context.fold(e))));
    const literals = folded.map((row) =>
      row.map((e): Value | undefined => (e.kind === "literal" ? e.value : undefined)),
    );
    if (literals.every((row) => row.every((v) => v !== undefined))) {
      const text = `Values(tuples=[${rows.length} row${rows.length === 1 ? "" : "s"}], values=[${fields.map((f) => f.name).join(", ")}])`;
      return this.node({ kind: "values", types, rows: literals as Value[][] }, [], text, fields, false);
    }
    // A row that is not constant (CURRENT_TIMESTAMP, a failing CAST) is computed when the job runs.
    const one = this.node({ kind: "values", types: [], rows: [[]] }, [], "Values(tuples=[1 row])", [], false);
    const parts = folded.map((row) =>
      this.node(
        { kind: "calc", input: [], projections: row },
        [one],
        `Calc(select=[${selectList(row, [], fields)}])`,
        fields,
        false,
      ),
    );
    const [first] = parts;
    if (parts.length === 1 && first !== undefined) return first;
    return this.node(
      { kind: "union", types },
      parts,
      `Union(all=[true], union=[${fields.map((f) => f.name).join(", ")}])`,
      fields,
      false,
    );
  }

  private aggregate(plan: Aggregate): Draft {
    const { keys, aggregates: calls, ttlMillis = this.ttlMillis } = plan;
    const [input] = plan.inputs;
    const own = this.aggregateInput(input, keys, calls, []);
    const prepared = this.batch && keys.length === 0 ? { ...own, ...withEmptyRow(this, own.draft, own.calls) } : own;
    const retracting = !prepared.draft.appendOnly;
    this.checkRetractable(prepared.calls, retracting);
    const spec: OperatorSpec = {
      kind: "group-aggregate",
      input: typesOf(prepared.draft),
      keys: prepared.keys,
      aggregates: prepared.calls,
      retracting,
      updateBefore: true,
      ttlMillis,
      ...groupMiniBatch(this.context, prepared.calls),
    };
    const groupBy = keys.length === 0 ? "" : `groupBy=[${columnList(prepared.keys, prepared.draft.fields)}], `;
    const text = `GroupAggregate(${groupBy}select=[${aggregateList(prepared.keys, prepared.calls, prepared.draft.fields)}])`;
    return this.node(spec, [prepared.draft], text, plan.schema.fields);
  }

  /** Arguments and filters as plain columns, in a calc when they are more than that. */
  aggregateInput(
    input: LogicalPlan,
    keys: readonly number[],
    calls: readonly AggregateCall[],
    extra: readonly number[],
  ) {
    const expressions: Expr[] = [];
    const fields: Field[] = [];
    const numbers = new Map<string, number>();
    const columnOf = (raw: Expr, name: string): number => {
      const e = this.context.fold(raw);
      const key = digest(e);
      let at = numbers.get(key);
      if (at === undefined) {
        at = expressions.push(e) - 1;
        fields.push({ name, type: e.type });
        numbers.set(key, at);
      }
      return at;
    };
    const at = (index: number): number => {
      const field = input.schema.fields[index] as Field;
      return columnOf(column(index, field.type), field.name);
    };
    const newKeys = keys.map(at);
    const newExtra = extra.map(at);
    const specs = calls.map((c): AggregateCallSpec => {
      const args = c.args.map((e, i) =>
        columnOf(e, e.kind === "column" ? (input.schema.fields[e.index] as Field).name : `$f${expressions.length + i}`),
      );
      const filter = c.filter === undefined ? undefined : columnOf(c.filter, `$f${expressions.length}`);
      return {
        function: c.function,
        args,
        argTypes: c.args.map((e) => e.type),
        literals: c.literals,
        distinct: c.distinct,
        ...(filter === undefined ? {} : { filter }),
        result: c.type,
        name: c.name,
      };
    });
    const project: Project = { kind: "Project", schema: { fields }, inputs: [input], expressions };
    return { draft: this.calc(project), keys: newKeys, extra: newExtra, calls: specs };
  }

  checkRetractable(calls: readonly AggregateCallSpec[], retracting: boolean): void {
    if (!retracting) return;
    for (const c of calls) {
      if (this.context.functions.overFunction(c.function)?.retract === undefined) {
        throw new SqlError(
          "UNSUPPORTED",
          `${c.function} cannot take rows away and so cannot be computed over an updating input`,
        );
      }
    }
  }

  private rank(plan: Rank): Draft {
    const input = this.lower(plan.inputs[0]);
    const windows = windowColumns(plan.inputs[0]);
    const windowed = holdsWindow(plan.partition, windows);
    if (windowed) refuseUpdates(input, "StreamPhysicalWindowRank");
    const [first] = plan.order;
    const timeColumn = first === undefined ? undefined : timeAttribute(plan.inputs[0], first.column);
    if (windowed && windows.processingTime) refuseProcessingTimeRank(plan, timeColumn);
    if (
      !windowed &&
      input.appendOnly &&
      plan.from === 1 &&
      plan.to === 1 &&
      plan.order.length === 1 &&
      first !== undefined &&
      timeColumn !== undefined
    ) {
      const spec: OperatorSpec = {
        kind: "deduplicate",
        input: typesOf(input),
        keys: plan.partition,
        ...(timeColumn === "rowtime" ? { time: first.column } : {}),
        keep: first.descending ? "last" : "first",
        updateBefore: true,
        ttlMillis: this.ttlMillis,
        ...deduplicateMiniBatch(this.context, timeColumn, first.descending),
      };
      const text = `Deduplicate(keep=[${first.descending ? "LastRow" : "FirstRow"}], key=[${columnList(plan.partition, input.fields)}], order=[${timeColumn.toUpperCase()}])`;
      const fields = plan.schema.fields.slice(0, input.fields.length);
      const draft = this.node(spec, [input], text, fields);
      return plan.outputRank ? this.constantRank(draft, plan) : draft;
    }
    // Over updates a rank that can only be one number is no part of the rows, so that their places are not updated.
    const constant = plan.outputRank && plan.from === plan.to && !input.appendOnly;
    const upsertKey = windowed ? undefined : keyOfUpdates(input, plan.partition, plan.order);
    const spec: OperatorSpec = {
      kind: "rank",
      input: typesOf(input),
      partition: plan.partition,
      order: plan.order,
      from: plan.from,
      to: plan.to,
      outputRank: plan.outputRank && !constant,
      retracting: !input.appendOnly && upsertKey === undefined,
      updateBefore: true,
      ...(upsertKey === undefined ? {} : { upsertKey }),
      ttlMillis: this.ttlMillis,
      ...(windowed ? { windowEnd: plan.partition.find((p) => windows.end.has(p)) as number } : {}),
      ...(windowed && windows.ltz ? { ltzZone: this.context.session.timeZone } : {}),
    };
    const text = `${windowed ? "WindowRank" : "Rank"}(rankType=[ROW_NUMBER], rankRange=[rankStart=${plan.from}, rankEnd=${plan.to}], partitionBy=[${columnList(plan.partition, input.fields)}], orderBy=[${orderList(plan.order, input.fields)}])`;
    if (!constant) return this.node(spec, [input], text, plan.schema.fields);
    return this.constantRank(this.node(spec, [input], text, plan.schema.fields.slice(0, input.fields.length)), plan);
  }

  /** The rank number of a deduplication is always 1, that of `rn = 3` always 3. */
  private constantRank(input: Draft, plan: Rank): Draft {
    const type: DataType = { kind: "BIGINT", nullable: false };
    const projections: Expr[] = [
      ...input.fields.map((f, i) => column(i, f.type)),
      { kind: "literal", value: BigInt(plan.from), type },
    ];
    const spec: OperatorSpec = { kind: "calc", input: typesOf(input), projections };
    return this.node(
      spec,
      [input],
      `Calc(select=[${selectList(projections, input.fields, plan.schema.fields)}])`,
      plan.schema.fields,
    );
  }

  private sort(plan: Extract<LogicalPlan, { kind: "Sort" }>): Draft {
    const input = this.lower(plan.inputs[0]);
    if (this.batch) return finalRows(this, input, plan.order);
    const [first] = plan.order;
    const attribute = first === undefined ? undefined : timeAttribute(plan.inputs[0], first.column);
    if (attribute !== undefined && first?.descending === false) refuseUpdates(input, "StreamPhysicalTemporalSort");
    if (first === undefined || attribute === undefined || first.descending) {
      throw new SqlError("PLANNING", "Sort on a non-time-attribute field is not supported.", {
        span: plan.span,
        hint: "order by an ascending time attribute first, or add LIMIT for a Top-N",
      });
    }
    const spec: OperatorSpec = {
      kind: "sort",
      input: typesOf(input),
      // By processing time alone rows are in order as they come.
      ...(attribute === "rowtime" || plan.order.length > 1 ? { time: first.column } : {}),
      ...(attribute === "proctime" && plan.order.length > 1 ? { processingTime: true as const } : {}),
      order: plan.order.slice(1),
    };
    return this.node(
      spec,
      [input],
      `TemporalSort(orderBy=[${orderList(plan.order, input.fields)}])`,
      plan.schema.fields,
    );
  }
}

function sameNames(a: readonly Field[], b: readonly Field[]): boolean {
  return a.length === b.length && a.every((f, i) => f.name === b[i]?.name);
}
