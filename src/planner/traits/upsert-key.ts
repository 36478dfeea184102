import type { OperatorSpec } from "../../runtime/spec.ts";

/**
 * Output columns by which the node's updates are keyed: an update replaces the row with the same values there, and no
 * two rows share them. Undefined: none is known, changes must be matched by whole rows.
 */
export function upsertKey(
  spec: OperatorSpec,
  inputs: readonly (readonly number[] | undefined)[],
): readonly number[] | undefined {
  switch (spec.kind) {
    case "group-aggregate":
      return spec.keys.map((_, i) => i);
    case "updating-window-aggregate": {
      const window = spec.properties.findIndex((property) => property !== "time");
      const keys = spec.keys.map((_, i) => i);
      return window < 0 ? undefined : [...keys, keys.length + spec.aggregates.length + window];
    }
    case "deduplicate":
      return spec.keys;
    case "rank":
      // With its rank a row is keyed by its place; without it only a Top-1 has one row a partition.
      if (spec.outputRank) return [...spec.partition, spec.input.length];
      return spec.from === spec.to ? spec.partition : undefined;
    case "calc": {
      const key = inputs[0]?.map((k) => spec.projections.findIndex((e) => e.kind === "column" && e.index === k));
      return key === undefined || key.includes(-1) ? undefined : key;
    }
    case "sink-materialize":
      return spec.keys;
    case "watermark":
    case "mini-batch":
    case "drop-update-before":
      return inputs[0];
    default:
      return undefined;
  }
}
