import type { Explain } from "../parser/index.ts";
import type { LogicalPlan } from "../planner/logical/algebra.ts";
import { printPlan } from "../planner/logical/print.ts";
import { planJob } from "../planner/plan.ts";
import type { JobGraph, PhysicalNode } from "../runtime/spec.ts";
import type { Session } from "./session.ts";

/** The plans of a job as text: what was bound, and the operators that would run. */
export function explainJob(roots: readonly LogicalPlan[], details: Explain["details"], session: Session): string {
  void details;
  const graph = planJob(roots, session.planContext());
  return `== Logical Plan ==\n${roots
    .map((root) => printPlan(root))
    .join("\n")
    .trimEnd()}\n\n== Physical Plan ==\n${physicalText(graph)}`;
}

/** Operators as trees from the sinks down; a node that several read is printed once and referred to afterwards. */
export function physicalText(graph: JobGraph): string {
  const byId = new Map(graph.nodes.map((n) => [n.id, n]));
  const consumers = new Map<string, number>();
  for (const node of graph.nodes)
    for (const input of node.inputs) consumers.set(input.from, (consumers.get(input.from) ?? 0) + 1);
  const numbers = new Map<string, number>();
  const lines: string[] = [];
  const visit = (node: PhysicalNode, depth: number): void => {
    const indent = depth === 0 ? "" : `${"   ".repeat(depth - 1)}+- `;
    const known = numbers.get(node.id);
    if (known !== undefined) {
      lines.push(`${indent}Reused(reference_id=[${known}])`);
      return;
    }
    const shared = (consumers.get(node.id) ?? 0) > 1;
    if (shared) numbers.set(node.id, numbers.size + 1);
    lines.push(`${indent}${node.description}${shared ? `(reuse_id=[${numbers.size}])` : ""}`);
    for (const input of node.inputs) visit(byId.get(input.from)!, depth + 1);
  };
  for (const node of graph.nodes) if (node.spec.kind === "sink") visit(node, 0);
  return `${lines.join("\n")}\n`;
}
