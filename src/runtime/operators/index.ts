import { SqlError } from "../../base/errors.ts";
import type { Operator, OperatorContext } from "../operator.ts";
import type { OperatorSpec } from "../spec.ts";
import { CALC } from "./calc.ts";
import { CORRELATE } from "./correlate.ts";
import { FROM_CHANGELOG, TO_CHANGELOG } from "./changelog-codes.ts";
import { CHANGELOG_NORMALIZE } from "./changelog-normalize.ts";
import { DEDUPLICATE } from "./deduplicate.ts";
import { DROP_UPDATE_BEFORE } from "./drop-update-before.ts";
import { EXPAND } from "./expand.ts";
import { FINAL_OVER } from "./final-over.ts";
import { FINAL_ROWS } from "./final-rows.ts";
import { GROUP_AGGREGATE } from "./group-aggregate.ts";
import { INTERVAL_JOIN } from "./interval-join.ts";
import { JOIN } from "./join.ts";
import { LIMIT } from "./limit.ts";
import { LOCAL_AGGREGATE } from "./local-aggregate.ts";
import { MATCH } from "./match-recognize.ts";
import { OVER } from "./over.ts";
import { LOOKUP_JOIN } from "./lookup-join.ts";
import { MINI_BATCH } from "./mini-batch.ts";
import { RANK } from "./rank.ts";
import { SESSION_AGGREGATE } from "./session-aggregate.ts";
import { SESSION_TVF } from "./session-tvf.ts";
import { SINK_MATERIALIZE } from "./sink-materialize.ts";
import { SORT } from "./sort.ts";
import { TEMPORAL_JOIN } from "./temporal-join.ts";
import { UNION } from "./union.ts";
import { UPDATING_WINDOW_AGGREGATE } from "./updating-window-aggregate.ts";
import { WATERMARK } from "./watermark.ts";
import { WINDOW_AGGREGATE } from "./window-aggregate.ts";
import { WINDOW_JOIN } from "./window-join.ts";
import { WINDOW_TVF } from "./window-tvf.ts";

/** A definition whose own kind of spec is forgotten: `createOperator` picks by `kind`, which makes the call safe. */
interface AnyDefinition {
  readonly kind: OperatorSpec["kind"];
  create(spec: never, context: OperatorContext): Operator;
}

/** All operators between sources and sinks. */
export const OPERATORS: readonly AnyDefinition[] = [
  CALC,
  WATERMARK,
  MINI_BATCH,
  UNION,
  EXPAND,
  CORRELATE,
  DROP_UPDATE_BEFORE,
  LIMIT,
  SORT,
  FINAL_ROWS,
  LOCAL_AGGREGATE,
  GROUP_AGGREGATE,
  WINDOW_TVF,
  WINDOW_AGGREGATE,
  UPDATING_WINDOW_AGGREGATE,
  SESSION_AGGREGATE,
  SESSION_TVF,
  JOIN,
  INTERVAL_JOIN,
  WINDOW_JOIN,
  TEMPORAL_JOIN,
  LOOKUP_JOIN,
  RANK,
  DEDUPLICATE,
  MATCH,
  OVER,
  FINAL_OVER,
  SINK_MATERIALIZE,
  CHANGELOG_NORMALIZE,
  TO_CHANGELOG,
  FROM_CHANGELOG,
];

const BY_KIND: ReadonlyMap<string, AnyDefinition> = new Map(
  OPERATORS.map((definition) => [definition.kind, definition]),
);

/** The operator that a spec describes. Fails with UNSUPPORTED for a kind without an operator. */
export function createOperator(spec: OperatorSpec, context: OperatorContext): Operator {
  const definition = BY_KIND.get(spec.kind);
  if (definition === undefined) throw new SqlError("UNSUPPORTED", `the operator '${spec.kind}' is not supported yet`);
  return definition.create(spec as never, context);
}
