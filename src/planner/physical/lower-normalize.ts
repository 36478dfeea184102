import type { Expr } from "../../expressions/expr.ts";
import type { OperatorSpec, ScanSpec } from "../../runtime/spec.ts";
import { columnsOf, conjunction } from "../logical/rewrite.ts";
import { columnList, expressionText, selectList } from "./describe.ts";
import { typesOf, type Draft } from "./draft.ts";
import type { Lowering } from "./lower.ts";
import { column } from "../../expressions/expr.ts";

/** A scan's changes by primary key, and the conditions that are still to be applied. */
export interface Normalized {
  readonly draft: Draft;
  readonly rest: readonly Expr[];
}

/**
 * Brings the changes of a scan in order by primary key. Conditions on the key hold for all changes of a row and go below;
 * others the operator applies itself, since a row that stops passing has to be taken away.
 */
export function lowerNormalize(
  lowering: Lowering,
  scan: Draft,
  spec: ScanSpec,
  conditions: readonly Expr[],
): Normalized {
  const keys = spec.table.primaryKey.map((name) =>
    spec.columns.findIndex((c) => c.kind === "physical" && c.path.length === 1 && c.path[0] === name),
  );
  const pure = conditions.filter((c) => lowering.pure(c)).map((c) => lowering.context.fold(c));
  const rest = conditions.filter((c) => !lowering.pure(c));
  const onKey = (c: Expr): boolean => columnsOf(c).size > 0 && [...columnsOf(c)].every((i) => keys.includes(i));
  const updates =
    spec.changes === "full"
      ? lowering.node({ kind: "drop-update-before", input: typesOf(scan) }, [scan], "DropUpdateBefore", scan.fields)
      : scan;
  const below = filtered(lowering, updates, conjunction(pure.filter(onKey)));
  const condition = conjunction(pure.filter((c) => !onKey(c)));
  const normalize: OperatorSpec = {
    kind: "changelog-normalize",
    input: typesOf(below),
    keys,
    ...(condition === undefined ? {} : { condition }),
    updateBefore: true,
    ttlMillis: lowering.ttlMillis,
  };
  const where = condition === undefined ? "" : `, condition=[${expressionText(condition, below.fields)}]`;
  const text = `ChangelogNormalize(key=[${columnList(keys, below.fields)}]${where})`;
  return { draft: lowering.node(normalize, [below], text, below.fields), rest };
}

function filtered(lowering: Lowering, input: Draft, filter: Expr | undefined): Draft {
  if (filter === undefined) return input;
  const projections = input.fields.map((f, i) => column(i, f.type));
  const spec: OperatorSpec = { kind: "calc", input: typesOf(input), filter, projections };
  const select = selectList(projections, input.fields, input.fields);
  const text = `Calc(select=[${select}], where=[${expressionText(filter, input.fields)}])`;
  return lowering.node(spec, [input], text, input.fields);
}
