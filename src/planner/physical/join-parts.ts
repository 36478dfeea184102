import { SqlError } from "../../base/errors.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { JoinSpec } from "../../runtime/spec.ts";
import type { Join } from "../logical/algebra.ts";
import { conjunction, conjuncts } from "../logical/rewrite.ts";
import { equiKey } from "../rules/join-keys.ts";
import { expressionText } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { typesOf, uniqueFields, updatingNode } from "./draft.ts";
import type { Lowering } from "./lower.ts";

type Keys = Pick<JoinSpec, "leftKeys" | "rightKeys" | "nullSafe">;

/** What every join is lowered to: its inputs, equalities between columns as keys, the rest as a condition. */
export interface JoinParts {
  readonly left: Draft;
  readonly right: Draft;
  readonly keys: Keys;
  readonly condition: Expr | undefined;
  /** The part of a spec that all joins have. */
  readonly sides: Keys & Pick<JoinSpec, "left" | "right" | "condition">;
  /** For EXPLAIN. */
  readonly where: string;
  readonly select: string;
}

/** `without`: conditions that the operator answers for by itself; `right`: the right input, if it is lowered already. */
export function joinParts(lowering: Lowering, plan: Join, without: ReadonlySet<Expr> = new Set()): JoinParts {
  const leftWidth = plan.inputs[0].schema.fields.length;
  const leftKeys: number[] = [];
  const rightKeys: number[] = [];
  const nullSafe: boolean[] = [];
  const rest: Expr[] = [];
  for (const condition of conjuncts(plan.condition)) {
    if (without.has(condition)) continue;
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
  const both = uniqueFields([...left.fields, ...right.fields]);
  const where = [
    ...leftKeys.map((k, i) => {
      const other = both[leftWidth + (rightKeys[i] as number)];
      return `(${both[k]?.name} ${nullSafe[i] === true ? "IS NOT DISTINCT FROM" : "="} ${other?.name})`;
    }),
    ...(condition === undefined ? [] : [expressionText(condition, both)]),
    ...[...without].map((c) => expressionText(c, both)),
  ].join(" AND ");
  const select = uniqueFields(plan.schema.fields)
    .map((f) => f.name)
    .join(", ");
  const keys = { leftKeys, rightKeys, nullSafe };
  const sides = {
    left: typesOf(left),
    right: typesOf(right),
    ...keys,
    ...(condition === undefined ? {} : { condition }),
  };
  return { left, right, keys, condition, sides, where, select };
}

/** Joins on time keep no row that may be taken back: Flink's refusal. */
export function requireAppendOnly(kind: string, { left, right }: JoinParts): void {
  for (const input of [left, right]) {
    if (input.appendOnly) continue;
    throw new SqlError(
      "CHANGELOG_MODE",
      `${kind} doesn't support consuming update and delete changes which is produced by node ${updatingNode(input).description}`,
    );
  }
}

export const JOIN_NAMES = {
  inner: "InnerJoin",
  left: "LeftOuterJoin",
  right: "RightOuterJoin",
  full: "FullOuterJoin",
  semi: "LeftSemiJoin",
  anti: "LeftAntiJoin",
} as const;
