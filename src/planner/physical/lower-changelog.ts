import { SqlError } from "../../base/errors.ts";
import type { OperatorSpec } from "../../runtime/spec.ts";
import type { Changelog } from "../logical/algebra.ts";
import { refuseUpdates, typesOf, type Draft } from "./draft.ts";
import type { Lowering } from "./lower.ts";

/** TO_CHANGELOG and FROM_CHANGELOG; updates that come without -U are brought in order by the key they are partitioned by. */
export function lowerChangelog(lowering: Lowering, plan: Changelog): Draft {
  const input = lowering.lower(plan.inputs[0]);
  const { fields } = plan.schema;
  const codes = plan.codes.map(([code, kind]) => `${code}=${["+I", "-U", "+U", "-D"][kind] ?? ""}`).join(", ");
  if (plan.direction === "to") {
    const byKind = [0, 1, 2, 3].map((kind) => plan.codes.find(([, of]) => of === kind)?.[0] ?? null);
    const spec: OperatorSpec = { kind: "to-changelog", input: typesOf(input), codes: byKind };
    return lowering.node(spec, [input], `ToChangelog(op_mapping=[${codes}])`, fields);
  }
  refuseUpdates(input, "FROM_CHANGELOG");
  const { column, invalid, upsertKey } = plan;
  const spec: OperatorSpec = { kind: "from-changelog", input: typesOf(input), column, codes: plan.codes, invalid };
  const changes = lowering.node(spec, [input], `FromChangelog(op_mapping=[${codes}])`, fields);
  if (upsertKey === undefined) return changes;
  if (upsertKey.includes(column))
    throw new SqlError("INVALID_QUERY", "FROM_CHANGELOG cannot be partitioned by its codes");
  const normalize: OperatorSpec = {
    kind: "changelog-normalize",
    input: typesOf(changes),
    keys: upsertKey,
    updateBefore: true,
    ttlMillis: lowering.ttlMillis,
  };
  const key = upsertKey.map((k) => changes.fields[k]?.name).join(", ");
  return lowering.node(normalize, [changes], `ChangelogNormalize(key=[${key}])`, fields);
}
