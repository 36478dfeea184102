import { column } from "../../expressions/expr.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { JoinSpec, OperatorSpec } from "../../runtime/spec.ts";
import { isText } from "../../types/data-type.ts";
import type { Field } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { Join, LogicalPlan, Project } from "../logical/algebra.ts";
import { columnsOf, conjunction, conjuncts, identity, replaceColumns, shiftColumns } from "../logical/rewrite.ts";
import { expressionText, selectList } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { typesOf, uniqueNames } from "./draft.ts";
import type { Lowering } from "./lower.ts";

interface EquiKey {
  readonly left: Expr;
  readonly right: Expr;
  readonly nullSafe: boolean;
}

/** A regular join: equalities between the sides become keys, the rest stays a condition. */
export function lowerJoin(lowering: Lowering, plan: Join): Draft {
  const [leftPlan, rightPlan] = plan.inputs;
  const leftWidth = leftPlan.schema.fields.length;
  const keys: EquiKey[] = [];
  const rest: Expr[] = [];
  for (const condition of conjuncts(plan.condition)) {
    const key = equiKey(condition, leftWidth);
    if (key === undefined) rest.push(condition);
    else keys.push(key);
  }
  const left = withKeys(
    leftPlan,
    keys.map((k) => k.left),
  );
  const right = withKeys(
    rightPlan,
    keys.map((k) => k.right),
  );
  const leftDraft = lowering.lower(left.plan);
  const rightDraft = lowering.lower(right.plan);
  const newLeftWidth = leftDraft.fields.length;
  const move = (e: Expr): Expr =>
    replaceColumns(e, (c) => (c.index < leftWidth ? c : { ...c, index: c.index - leftWidth + newLeftWidth }));
  const residual = conjunction(rest.map(move));
  const condition = residual === undefined ? undefined : lowering.context.fold(residual);
  const spec: JoinSpec = {
    kind: "join",
    type: plan.type,
    left: typesOf(leftDraft),
    right: typesOf(rightDraft),
    leftKeys: left.keys,
    rightKeys: right.keys,
    nullSafe: keys.map((k) => k.nullSafe),
    ...(condition === undefined ? {} : { condition }),
    leftRetracting: !leftDraft.appendOnly,
    rightRetracting: !rightDraft.appendOnly,
    ttlMillis: [lowering.ttlMillis, lowering.ttlMillis],
  };
  const semi = plan.type === "semi" || plan.type === "anti";
  const outputFields: Field[] = [
    ...plan.schema.fields.slice(0, leftWidth),
    ...leftDraft.fields.slice(leftWidth),
    ...(semi
      ? []
      : [...plan.schema.fields.slice(leftWidth), ...rightDraft.fields.slice(rightPlan.schema.fields.length)]),
  ];
  const both = uniqueNames([...leftDraft.fields, ...rightDraft.fields]);
  const where = [
    ...left.keys.map((k, i) => {
      const other = newLeftWidth + (right.keys[i] as number);
      return `(${both[k]?.name} ${keys[i]?.nullSafe === true ? "IS NOT DISTINCT FROM" : "="} ${both[other]?.name})`;
    }),
    ...(condition === undefined ? [] : [expressionText(condition, both)]),
  ].join(" AND ");
  const select = uniqueNames(outputFields).map((f) => f.name);
  const text = `Join(joinType=[${JOIN_NAMES[plan.type]}], where=[${where}], select=[${select.join(", ")}])`;
  const joined = lowering.node(spec satisfies OperatorSpec, [leftDraft, rightDraft], text, outputFields);
  if (newLeftWidth === leftWidth && (semi || rightDraft.fields.length === rightPlan.schema.fields.length))
    return joined;
  // Take away the columns that only served as keys.
  const projections = plan.schema.fields.map((f, i) =>
    column(i < leftWidth ? i : i - leftWidth + newLeftWidth, f.type),
  );
  const calc: OperatorSpec = { kind: "calc", input: typesOf(joined), projections };
  return lowering.node(
    calc,
    [joined],
    `Calc(select=[${selectList(projections, joined.fields, plan.schema.fields)}])`,
    plan.schema.fields,
  );
}

const JOIN_NAMES = {
  inner: "InnerJoin",
  left: "LeftOuterJoin",
  right: "RightOuterJoin",
  full: "FullOuterJoin",
  semi: "LeftSemiJoin",
  anti: "LeftAntiJoin",
} as const;

function equiKey(condition: Expr, leftWidth: number): EquiKey | undefined {
  if (condition.kind !== "call" || condition.args.length !== 2) return undefined;
  const nullSafe = condition.function === "IS NOT DISTINCT FROM";
  if (condition.function !== "=" && !nullSafe) return undefined;
  const [a, b] = condition.args as readonly [Expr, Expr];
  const side = (e: Expr): "left" | "right" | "both" => {
    const used = [...columnsOf(e)];
    if (used.length > 0 && used.every((i) => i < leftWidth)) return "left";
    return used.length > 0 && used.every((i) => i >= leftWidth) ? "right" : "both";
  };
  // Keys are compared by their bytes: both sides must have one representation.
  if (!sameRepresentation(a, b)) return undefined;
  if (side(a) === "left" && side(b) === "right") return { left: a, right: shiftColumns(b, -leftWidth), nullSafe };
  if (side(a) === "right" && side(b) === "left") return { left: b, right: shiftColumns(a, -leftWidth), nullSafe };
  return undefined;
}

function sameRepresentation(a: Expr, b: Expr): boolean {
  const x = a.type;
  const y = b.type;
  if (isText(x) && isText(y)) return true;
  if (x.kind !== y.kind) return false;
  switch (x.kind) {
    case "FLOAT":
    case "DOUBLE":
      // 0.0 and -0.0 are equal but differ in their bytes.
      return false;
    case "DECIMAL":
      return y.kind === "DECIMAL" && x.scale === y.scale && x.precision <= 18 === y.precision <= 18;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return "precision" in y && x.precision <= 3 === y.precision <= 3;
    case "ARRAY":
    case "MAP":
    case "MULTISET":
    case "ROW":
      return typeText(x) === typeText(y);
    default:
      return true;
  }
}

/** The plan with a column for each key; expressions are appended. */
function withKeys(
  plan: LogicalPlan,
  keys: readonly Expr[],
): { readonly plan: LogicalPlan; readonly keys: readonly number[] } {
  const fields: Field[] = [...plan.schema.fields];
  const expressions: Expr[] = identity(plan);
  const numbers = keys.map((key) => {
    if (key.kind === "column") return key.index;
    fields.push({ name: `$k${fields.length}`, type: key.type });
    return expressions.push(key) - 1;
  });
  if (fields.length === plan.schema.fields.length) return { plan, keys: numbers };
  const project: Project = { kind: "Project", schema: { fields }, inputs: [plan], expressions };
  return { plan: project, keys: numbers };
}
