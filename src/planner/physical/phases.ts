import type { AggregateCallSpec, OperatorSpec, SinkSpec } from "../../runtime/spec.ts";
import { isFloating } from "../../types/data-type.ts";
import type { PlanContext } from "./context.ts";
import type { Draft, DraftGraph } from "./draft.ts";
import { aggregatePhases, ONE_PHASE, type PhaseStrategy } from "./mini-batch.ts";

/**
 * Says which aggregates may be split where a job has several threads. The results are the same; what is seen less often
 * are the steps on the way to them. Windows have none. Elsewhere it depends on the strategy: TWO_PHASE asks for it, and
 * AUTO does it in mini-batches, and where no sink shows each change.
 */
export function assignPhases(graph: DraftGraph, context: PlanContext): void {
  const strategy = aggregatePhases(context.options);
  if (strategy === "one-phase") return;
  const shown = draftsWithShownChanges(graph, context);
  for (const draft of graph.drafts) {
    const { spec } = draft;
    if (spec.kind === "window-aggregate") {
      if (spec.retracting || spec.processingTime === true || !splits(spec.aggregates, strategy, context)) continue;
      draft.spec = { ...spec, phases: "splits" };
    } else if (spec.kind === "group-aggregate") {
      const bundled = spec.miniBatch !== undefined;
      if (spec.retracting || (strategy === "auto" && !bundled && shown.has(draft))) continue;
      if ((!bundled || spec.miniBatch.twoPhase) && splits(spec.aggregates, strategy, context))
        draft.spec = { ...spec, phases: "splits" };
    }
  }
}

/** The results do not depend on how the rows are grouped on the way. */
const EXACT = new Set(["COUNT", "SUM", "$SUM0", "MIN", "MAX", "AVG", "$AVG"]);

/** Without being asked for it only where no digit of a result may differ. */
function splits(calls: readonly AggregateCallSpec[], strategy: PhaseStrategy, { functions }: PlanContext): boolean {
  return calls.every((call) => {
    if (call.distinct || ONE_PHASE.has(call.function)) return false;
    if (strategy === "auto" && !(EXACT.has(call.function) && !call.argTypes.some(isFloating))) return false;
    const fn = functions.overFunction(call.function);
    if (fn?.merge === undefined) return false;
    const types = { args: call.argTypes, result: call.result, literals: call.literals };
    // Accumulators travel as columns.
    return fn.state(types, false).every(({ storage }) => storage !== "any");
  });
}

/** Those whose changes reach somebody who sees each of them. */
function draftsWithShownChanges(graph: DraftGraph, context: PlanContext): ReadonlySet<Draft> {
  const shown = new Set<Draft>();
  for (const draft of [...graph.drafts].reverse()) {
    if (hidesChanges(draft.spec)) continue;
    if (shown.has(draft) || showsChanges(draft.spec, context)) for (const { from } of draft.inputs) shown.add(from);
  }
  return shown;
}

function showsChanges(spec: OperatorSpec, context: PlanContext): boolean {
  return spec.kind === "to-changelog" || (spec.kind === "sink" && !keepsLastRows(spec, context));
}

/** Only what is left at the end goes on. */
function hidesChanges(spec: OperatorSpec): boolean {
  return spec.kind === "final-rows";
}

/** The sink has the last row of each key, or nobody looks. */
function keepsLastRows({ target }: SinkSpec, { connectorOf, connectors }: PlanContext): boolean {
  if (target.type !== "table") return false;
  const connector = connectorOf(target.table);
  return (
    connector.name === "blackhole" ||
    (connector.sinkModeOf?.(target.table, connectors) ?? connector.sinkMode) === "upsert"
  );
}
