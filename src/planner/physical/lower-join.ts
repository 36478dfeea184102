import type { Expr } from "../../expressions/expr.ts";
import type { JoinSpec, OperatorSpec } from "../../runtime/spec.ts";
import type { Join } from "../logical/algebra.ts";
import { conjunction, conjuncts } from "../logical/rewrite.ts";
import { equiKey } from "../rules/join-keys.ts";
import { expressionText } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { typesOf, uniqueNames } from "./draft.ts";
import type { Lowering } from "./lower.ts";

/** A regular join: equalities between columns of the sides become keys, the rest stays a condition. */
export function lowerJoin(lowering: Lowering, plan: Join): Draft {
  const leftWidth = plan.inputs[0].schema.fields.length;
  const leftKeys: number[] = [];
  const rightKeys: number[] = [];
  const nullSafe: boolean[] = [];
  const rest: Expr[] = [];
  for (const condition of conjuncts(plan.condition)) {
    const key = equiKey(condition, leftWidth);
    if (key?.left.kind === "column" && key.right.kind === "column") {
      leftKeys.push(key.left.index);
      rightKeys.push(key.right.index - leftWidth);
      nullSafe.push(key.nullSafe);
    } else {
      rest.push(condition);
    }
  }
  const left = lowering.lower(plan.inputs[0]);
  const right = lowering.lower(plan.inputs[1]);
  const residual = conjunction(rest);
  const condition = residual === undefined ? undefined : lowering.context.fold(residual);
  const spec: JoinSpec = {
    kind: "join",
    type: plan.type,
    left: typesOf(left),
    right: typesOf(right),
    leftKeys,
    rightKeys,
    nullSafe,
    ...(condition === undefined ? {} : { condition }),
    leftRetracting: !left.appendOnly,
    rightRetracting: !right.appendOnly,
    ttlMillis: [lowering.ttlMillis, lowering.ttlMillis],
  };
  const both = uniqueNames([...left.fields, ...right.fields]);
  const where = [
    ...leftKeys.map((k, i) => {
      const other = both[leftWidth + (rightKeys[i] as number)];
      return `(${both[k]?.name} ${nullSafe[i] === true ? "IS NOT DISTINCT FROM" : "="} ${other?.name})`;
    }),
    ...(condition === undefined ? [] : [expressionText(condition, both)]),
  ].join(" AND ");
  const select = uniqueNames(plan.schema.fields).map((f) => f.name);
  const text = `Join(joinType=[${JOIN_NAMES[plan.type]}], where=[${where}], select=[${select.join(", ")}])`;
  return lowering.node(spec satisfies OperatorSpec, [left, right], text, plan.schema.fields);
}

const JOIN_NAMES = {
  inner: "InnerJoin",
  left: "LeftOuterJoin",
  right: "RightOuterJoin",
  full: "FullOuterJoin",
  semi: "LeftSemiJoin",
  anti: "LeftAntiJoin",
} as const;
