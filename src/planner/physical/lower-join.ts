import type { IntervalJoinSpec, JoinSpec, WindowJoinSpec } from "../../runtime/spec.ts";
import type { Join } from "../logical/algebra.ts";
import { intervalJoin } from "../traits/time-attributes.ts";
import type { IntervalJoinBounds } from "../traits/time-attributes.ts";
import { windowJoin } from "../traits/window-columns.ts";
import type { WindowJoinColumns } from "../traits/window-columns.ts";
import type { Draft } from "./draft.ts";
import { JOIN_NAMES, joinParts, requireAppendOnly } from "./join-parts.ts";
import { lowerTemporalJoin } from "./lower-temporal-join.ts";
import type { Lowering } from "./lower.ts";

/** A join by what its condition says of time: of one window, of near times, of a version, or of all rows. */
export function lowerJoin(lowering: Lowering, plan: Join): Draft {
  if (plan.asOf !== undefined) return lowerTemporalJoin(lowering, plan, plan.asOf);
  const windows = windowJoin(plan);
  if (windows !== undefined) return lowerWindowJoin(lowering, plan, windows);
  const bounds = intervalJoin(plan);
  if (bounds !== undefined && plan.type !== "semi" && plan.type !== "anti")
    return lowerIntervalJoin(lowering, plan, plan.type, bounds);
  const { left, right, sides, where, select } = joinParts(lowering, plan);
  const spec: JoinSpec = {
    kind: "join",
    type: plan.type,
    ...sides,
    leftRetracting: !left.appendOnly,
    rightRetracting: !right.appendOnly,
    ttlMillis: [plan.stateTtlMillis?.[0] ?? lowering.ttlMillis, plan.stateTtlMillis?.[1] ?? lowering.ttlMillis],
  };
  const text = `Join(joinType=[${JOIN_NAMES[plan.type]}], where=[${where}], select=[${select}])`;
  return lowering.node(spec, [left, right], text, plan.schema.fields);
}

function lowerWindowJoin(lowering: Lowering, plan: Join, windows: WindowJoinColumns): Draft {
  const parts = joinParts(lowering, plan);
  requireAppendOnly("WindowJoin", parts);
  const { left, right, sides, where, select } = parts;
  const spec: WindowJoinSpec = {
    kind: "window-join",
    type: plan.type,
    ...sides,
    windowEnd: sides.leftKeys.findIndex((k, i) => k === windows.leftEnd && sides.rightKeys[i] === windows.rightEnd),
    ...(windows.ltz ? { ltzZone: lowering.context.session.timeZone } : {}),
  };
  const text = `WindowJoin(joinType=[${JOIN_NAMES[plan.type]}], where=[${where}], select=[${select}])`;
  return lowering.node(spec, [left, right], text, plan.schema.fields);
}

function lowerIntervalJoin(
  lowering: Lowering,
  plan: Join,
  type: IntervalJoinSpec["type"],
  { leftTime, rightTime, fromMillis, toMillis, conditions }: IntervalJoinBounds,
): Draft {
  const parts = joinParts(lowering, plan, conditions);
  requireAppendOnly("IntervalJoin", parts);
  const { left, right, sides, where, select } = parts;
  const spec: IntervalJoinSpec = { kind: "interval-join", type, ...sides, leftTime, rightTime, fromMillis, toMillis };
  const bounds = `isRowTime=true, leftLowerBound=${fromMillis}, leftUpperBound=${toMillis}, leftTimeIndex=${leftTime}, rightTimeIndex=${rightTime}`;
  const text = `IntervalJoin(joinType=[${JOIN_NAMES[type]}], windowBounds=[${bounds}], where=[${where}], select=[${select}])`;
  return lowering.node(spec, [left, right], text, plan.schema.fields);
}
