import { column } from "../../expressions/expr.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { Field } from "../../types/data-type.ts";
import type { LogicalPlan, Project } from "../logical/algebra.ts";
import { PathSet, applyFields, fieldAt } from "./paths.ts";
import type { Path } from "./paths.ts";

/** A plan with fewer columns, and what now stands for each path that was asked for. */
export interface Pruned {
  readonly plan: LogicalPlan;
  at(path: Path): Expr;
}

export function whole(index: number): Path {
  return { column: index, fields: [] };
}

/** The paths of all columns. */
export function allOf(plan: LogicalPlan): PathSet {
  const paths = new PathSet();
  paths.addAll(plan.schema.fields.map((_, i) => whole(i)));
  return paths;
}

/** The new number of a whole column; whole columns always stay plain columns. */
export function indexOf(child: Pruned, index: number): number {
  const e = child.at(whole(index));
  return e.kind === "column" ? e.index : -1;
}

/** The columns of the plan under other numbers. */
export function remapped(plan: LogicalPlan, to: (index: number) => number): (path: Path) => Expr {
  return (path) => applyFields(column(to(path.column), (plan.schema.fields[path.column] as Field).type), path.fields);
}

/**
 * Only what is needed, in that order, for nodes that store rows: what a shared source reads for others, and what a
 * condition below has used up, is no part of their state.
 */
export function narrowed(pruned: Pruned, original: LogicalPlan, needed: PathSet): Pruned {
  if (isIdentity(needed.paths.map(pruned.at), pruned.plan)) return pruned;
  const fields = needed.paths.map((path) => fieldAt(original.schema.fields, path));
  const expressions = needed.paths.map((path, i) => ({ ...pruned.at(path), type: (fields[i] as Field).type }));
  return {
    plan: { kind: "Project", schema: { fields }, inputs: [pruned.plan], expressions } satisfies Project,
    at: (path) => column(needed.indexOf(path), fieldAt(original.schema.fields, path).type),
  };
}

/** The columns of the plan as they stand. */
export function isIdentity(expressions: readonly Expr[], plan: LogicalPlan): boolean {
  return (
    expressions.length === plan.schema.fields.length &&
    expressions.every((e, i) => e.kind === "column" && e.index === i)
  );
}
