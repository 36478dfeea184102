import { SqlError } from "../../base/errors.ts";
import type { TemporalJoinSpec } from "../../runtime/spec.ts";
import type { AsOf, Join, LogicalPlan } from "../logical/algebra.ts";
import { uniqueFields, type Draft } from "./draft.ts";
import { JOIN_NAMES, joinParts } from "./join-parts.ts";
import { lowerLookupJoin } from "./lower-lookup-join.ts";
import type { Lowering } from "./lower.ts";

/** FOR SYSTEM_TIME AS OF: with the versions of a table by event time, or with what a table holds now. */
export function lowerTemporalJoin(lowering: Lowering, plan: Join, asOf: AsOf): Draft {
  const { type } = plan;
  if (type !== "inner" && type !== "left") throw new SqlError("BUG", `a temporal ${type} join`);
  if (asOf.kind === "proctime") return lowerLookupJoin(lowering, plan, type, asOf);
  const parts = joinParts(lowering, plan);
  const { left, right, sides, where, select } = parts;
  checkVersionKey(plan, asOf, sides.rightKeys, where);
  const { leftTime, rightTime } = asOf;
  const spec: TemporalJoinSpec = {
    kind: "temporal-join",
    type,
    ...sides,
    leftTime,
    rightTime,
    leftRetracting: !left.appendOnly,
    rightRetracting: !right.appendOnly,
    ttlMillis: lowering.ttlMillis,
  };
  const names = uniqueFields([...left.fields, ...right.fields]).map((field) => field.name);
  const time = `__TEMPORAL_JOIN_CONDITION(${names[leftTime]}, ${names[left.fields.length + rightTime]})`;
  const text = `TemporalJoin(joinType=[${JOIN_NAMES[type]}], where=[${where} AND ${time}], select=[${select}])`;
  return lowering.node(spec, [left, right], text, plan.schema.fields);
}

/** A version is found by its whole key. */
function checkVersionKey(plan: Join, asOf: AsOf, rightKeys: readonly number[], where: string): void {
  const table = plan.inputs[1];
  const key = versionKey(table);
  if (key === undefined) {
    throw new SqlError(
      "PLANNING",
      "Temporal Table Join requires primary key in versioned table, but no primary key can be found.",
      {
        span: asOf.span,
        hint: "declare PRIMARY KEY (…) NOT ENFORCED, or join a view that keeps the newest row of each key (ROW_NUMBER() … = 1)",
      },
    );
  }
  if (key.every(({ column }) => rightKeys.includes(column))) return;
  const names = key.map(({ name }) => name).join(", ");
  throw new SqlError(
    "PLANNING",
    `Temporal table's primary key [${names}] must be included in the equivalence condition of temporal join, but current temporal join condition is [${where}].`,
    { span: asOf.span },
  );
}

interface KeyColumn {
  readonly name: string;
  /** −1: it is not among the columns that are read. */
  readonly column: number;
}

/** What tells the versions of one thing from those of others. */
function versionKey(plan: LogicalPlan): readonly KeyColumn[] | undefined {
  switch (plan.kind) {
    case "Scan":
      return plan.table.primaryKey?.columns.map((name) => ({
        name,
        column:
          plan.columns?.findIndex((c) => c.kind === "physical" && c.path.length === 1 && c.path[0] === name) ?? -1,
      }));
    case "Project":
      return versionKey(plan.inputs[0])?.map(({ name, column }) => ({
        name,
        column: plan.expressions.findIndex((e) => e.kind === "column" && e.index === column),
      }));
    case "Filter":
    case "Watermark":
      return versionKey(plan.inputs[0]);
    case "Rank":
      if (plan.from !== 1 || plan.to !== 1) return undefined;
      return plan.partition.map((column) => ({ name: plan.schema.fields[column]?.name ?? "", column }));
    case "Aggregate":
      if (plan.keys.length === 0) return undefined;
      return plan.keys.map((_, column) => ({ name: plan.schema.fields[column]?.name ?? "", column }));
    default:
      return undefined;
  }
}
