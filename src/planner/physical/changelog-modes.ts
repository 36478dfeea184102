import type { JobGraph, OperatorSpec } from "../../runtime/spec.ts";
import { isAppendOnly } from "../traits/changelog.ts";

/** Kinds of changes: insert, update before, update after, delete. */
export type ChangeKind = "I" | "UB" | "UA" | "D";

const INSERTS: readonly ChangeKind[] = ["I"];
const ORDER: readonly ChangeKind[] = ["I", "UB", "UA", "D"];

/** Which changes come out of each node, by its id. A sink lets nothing out. */
export function changelogModes({ nodes }: JobGraph): ReadonlyMap<string, readonly ChangeKind[]> {
  const modes = new Map<string, readonly ChangeKind[]>();
  for (const { id, spec, inputs } of nodes) {
    const below = inputs.map((input) => modes.get(input.from) ?? INSERTS);
    const appendOnly = isAppendOnly(
      spec,
      below.map((kinds) => kinds.every((kind) => kind === "I")),
    );
    const kinds = appendOnly && spec.kind !== "sink" ? new Set(INSERTS) : kindsOf(spec, below);
    modes.set(
      id,
      ORDER.filter((kind) => kinds.has(kind)),
    );
  }
  return modes;
}

function kindsOf(spec: OperatorSpec, inputs: readonly (readonly ChangeKind[])[]): ReadonlySet<ChangeKind> {
  const all = new Set(inputs.flat());
  const updates: readonly ChangeKind[] = "updateBefore" in spec && spec.updateBefore ? ["I", "UB", "UA"] : ["I", "UA"];
  switch (spec.kind) {
    case "group-aggregate":
      return new Set(spec.retracting ? [...updates, "D"] : updates);
    case "rank":
      return spec.windowEnd === undefined ? new Set([...updates, "D"]) : new Set(["I"]);
    case "deduplicate":
      return new Set(spec.keep === "last" ? updates : ["I"]);
    case "join":
      return spec.type === "inner" || spec.type === "semi" ? all : new Set([...all, "I", "D"]);
    case "limit":
      return spec.retracting ? new Set([...all, "I", "D"]) : new Set(["I"]);
    case "sink-materialize":
      return new Set(["I", "UA", "D"]);
    case "drop-update-before":
      return new Set([...all].filter((kind) => kind !== "UB"));
    case "sink":
      return new Set();
    case "scan":
      return new Set(ORDER);
    default:
      return all.size > 1 ? all : new Set(ORDER);
  }
}
