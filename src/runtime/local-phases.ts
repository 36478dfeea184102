import type { FunctionRegistry } from "../functions/registry.ts";
import { partialFields } from "./partial-results.ts";
import type { GroupAggregateSpec, JobGraph, LocalAggregateSpec, PhysicalNode, WindowAggregateSpec } from "./spec.ts";

/**
 * The graph as several threads run it: in front of each aggregate that may be split its first phase, so that partial
 * results change threads, and not rows. The first phase holds nothing at a barrier, so that state, and what a checkpoint
 * says of it, is the same for any number of threads.
 */
export function withLocalPhases({ nodes }: JobGraph, functions: FunctionRegistry): JobGraph {
  return { nodes: nodes.flatMap((node) => split(node, nodes, functions) ?? [node]) };
}

function split(
  node: PhysicalNode,
  nodes: readonly PhysicalNode[],
  functions: FunctionRegistry,
): readonly PhysicalNode[] | undefined {
  const { spec, lateTo } = node;
  if (spec.kind !== "group-aggregate" && spec.kind !== "window-aggregate") return undefined;
  // Late rows that are kept are needed as they came.
  if (spec.phases !== "splits" || lateTo !== undefined) return undefined;
  const [input] = node.inputs;
  const below = nodes.find(({ id }) => id === input?.from);
  if (below === undefined) return undefined;
  const local = localSpec(spec);
  const id = `${node.id}-local`;
  const keys = spec.keys.map((_, key) => key);
  return [
    {
      id,
      spec: local,
      inputs: [{ from: below.id, exchange: { kind: "forward" } }],
      description: `Local${node.description}`,
      fields: partialFields(local, functions),
    },
    {
      ...node,
      spec: { ...spec, phases: "merges" },
      inputs: [{ from: id, exchange: { kind: "hash", keys } }],
      description: `Global${node.description}`,
    },
  ];
}

function localSpec(spec: GroupAggregateSpec | WindowAggregateSpec): LocalAggregateSpec {
  const { input, inputNames, keys, aggregates } = spec;
  const common = { kind: "local-aggregate", input, inputNames, keys, aggregates } as const;
  if (spec.kind === "group-aggregate") return { ...common, bundleRows: spec.miniBatch?.size };
  const { window, time, attached, ltzZone } = spec;
  return { ...common, window: { window, time, attached, ltzZone } };
}
