import { call, column } from "../../expressions/expr.ts";
import type { Expr } from "../../expressions/expr.ts";
import { isText } from "../../types/data-type.ts";
import type { DataType, Field } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { Join, LogicalPlan, Project } from "../logical/algebra.ts";
import { TRUE, columnsOf, conjunction, conjuncts, identity, replaceColumns } from "../logical/rewrite.ts";
import type { ExprFacts } from "./facts.ts";

/** An equality between the sides of a join. */
interface EquiKey {
  /** Over the left columns. */
  readonly left: Expr;
  /** Over left ++ right columns. */
  readonly right: Expr;
  readonly nullSafe: boolean;
}

/** `a = b` or `a IS NOT DISTINCT FROM b` of one expression of each side, when it can be looked up by the bytes of its values. */
export function equiKey(condition: Expr, leftWidth: number): EquiKey | undefined {
  if (condition.kind !== "call" || condition.args.length !== 2) return undefined;
  const nullSafe = condition.function === "IS NOT DISTINCT FROM";
  if (condition.function !== "=" && !nullSafe) return undefined;
  const [a, b] = condition.args as readonly [Expr, Expr];
  if (!sameBytes(a.type, b.type)) return undefined;
  const onLeft = (e: Expr): boolean => columnsOf(e).size > 0 && [...columnsOf(e)].every((i) => i < leftWidth);
  const onRight = (e: Expr): boolean => columnsOf(e).size > 0 && [...columnsOf(e)].every((i) => i >= leftWidth);
  if (onLeft(a) && onRight(b)) return { left: a, right: b, nullSafe };
  return onRight(a) && onLeft(b) ? { left: b, right: a, nullSafe } : undefined;
}

/** Equal values of the types have equal bytes in their columns. */
export function sameBytes(a: DataType, b: DataType): boolean {
  if (isText(a) && isText(b)) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "FLOAT":
    case "DOUBLE":
      // 0.0 and -0.0 are equal.
      return false;
    case "DECIMAL":
      return b.kind === "DECIMAL" && a.scale === b.scale && a.precision <= 18 === b.precision <= 18;
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return "precision" in b && a.precision <= 3 === b.precision <= 3;
    case "ARRAY":
    case "MAP":
    case "MULTISET":
    case "ROW":
      return typeText(a) === typeText(b);
    default:
      return true;
  }
}

/**
 * Expressions that are compared for equality become columns of their sides, so that a join looks rows up by plain
 * columns, and columns that only the expression reads are no part of its state.
 */
export function joinKeys(plan: LogicalPlan, facts: ExprFacts): LogicalPlan {
  if (plan.kind !== "Join") return plan;
  const leftWidth = plan.inputs[0].schema.fields.length;
  const left = new Side(plan.inputs[0]);
  const right = new Side(plan.inputs[1]);
  const keys: { readonly key: EquiKey; readonly at: readonly [number, number]; readonly type: DataType }[] = [];
  const rest: Expr[] = [];
  for (const condition of conjuncts(plan.condition)) {
    const key = equiKey(condition, leftWidth);
    const plain = key === undefined || (key.left.kind === "column" && key.right.kind === "column");
    if (plain || !facts.pure(condition)) {
      rest.push(condition);
      continue;
    }
    const onRight = replaceColumns(key.right, (c) => ({ ...c, index: c.index - leftWidth }));
    keys.push({
      key,
      at: [left.columnOf(facts.fold(key.left)), right.columnOf(facts.fold(onRight))],
      type: condition.type,
    });
  }
  if (keys.length === 0) return plan;
  const newWidth = left.fields.length;
  const moved = (e: Expr): Expr =>
    replaceColumns(e, (c) => ({ ...c, index: c.index < leftWidth ? c.index : c.index - leftWidth + newWidth }));
  const equalities = keys.map(({ key, at, type }) =>
    call(
      key.nullSafe ? "IS NOT DISTINCT FROM" : "=",
      [column(at[0], key.left.type), column(newWidth + at[1], key.right.type)],
      type,
    ),
  );
  const one = plan.type === "semi" || plan.type === "anti";
  const added = (side: Side): readonly Field[] =>
    side.fields.slice(side.width).map((f) => ({ ...f, type: { ...f.type, nullable: true } }));
  const joined: Join = {
    ...plan,
    schema: {
      fields: [
        ...plan.schema.fields.slice(0, leftWidth),
        ...added(left),
        ...(one ? [] : [...plan.schema.fields.slice(leftWidth), ...added(right)]),
      ],
    },
    inputs: [left.plan(), right.plan()],
    condition: conjunction([...equalities, ...rest.map(moved)]) ?? TRUE,
  };
  const expressions = plan.schema.fields.map((f, i) => column(i < leftWidth ? i : i - leftWidth + newWidth, f.type));
  return { kind: "Project", schema: plan.schema, inputs: [joined], expressions } satisfies Project;
}

/** An input of a join with columns added for its keys. */
class Side {
  readonly fields: Field[];
  readonly width: number;
  readonly #input: LogicalPlan;
  readonly #expressions: Expr[];

  constructor(input: LogicalPlan) {
    this.#input = input;
    this.fields = [...input.schema.fields];
    this.width = this.fields.length;
    this.#expressions = identity(input);
  }

  columnOf(key: Expr): number {
    if (key.kind === "column") return key.index;
    this.fields.push({ name: `$k${this.fields.length - this.width}`, type: key.type });
    return this.#expressions.push(key) - 1;
  }

  plan(): LogicalPlan {
    if (this.fields.length === this.width) return this.#input;
    return {
      kind: "Project",
      schema: { fields: this.fields },
      inputs: [this.#input],
      expressions: this.#expressions,
    } satisfies Project;
  }
}
