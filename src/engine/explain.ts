import type { Explain } from "../parser/index.ts";
import type { LogicalPlan } from "../planner/logical/algebra.ts";
import { printTree } from "../planner/logical/print-tree.ts";
import { changelogModes } from "../planner/physical/changelog-modes.ts";
import { planJob } from "../planner/plan.ts";
import type { JobGraph, PhysicalNode } from "../runtime/spec.ts";
import type { Session } from "./session.ts";

/** EXPLAIN: what was bound, the operators of each sink, and the operators that run, equal work once. */
export function explainJob(roots: readonly LogicalPlan[], details: Explain["details"], session: Session): string {
  const graph = planJob(roots, session.planContext());
  const has = (detail: Explain["details"][number]): boolean => details.includes(detail);
  const advice = has("PLAN_ADVICE");
  const modes = has("CHANGELOG_MODE") ? changelogModes(graph) : undefined;
  const costs = has("ESTIMATED_COST");
  const physical = trees(graph, { reuse: false, exchanges: true, line: (node) => lineOf(node, modes, costs) });
  const execution = trees(graph, { reuse: true, exchanges: true, line: (node) => node.description });
  const sections = [
    `== Abstract Syntax Tree ==\n${roots.map(printTree).join("\n\n")}\n`,
    `== Optimized Physical Plan${advice ? " With Advice" : ""} ==\n${physical}${advice ? "\nNo available advice...\n" : ""}`,
    `== Optimized Execution Plan ==\n${execution}`,
    ...(has("JSON_EXECUTION_PLAN") ? [`== Physical Execution Plan ==\n${executionJson(graph, session)}\n`] : []),
  ];
  return sections.join("\n");
}

function lineOf(node: PhysicalNode, modes: ReturnType<typeof changelogModes> | undefined, costs: boolean): string {
  const kinds = modes?.get(node.id);
  const mode = kinds === undefined ? undefined : `changelogMode=[${kinds.length === 0 ? "NONE" : kinds.join(",")}]`;
  const { spec } = node;
  const rows = spec.kind === "values" ? String(spec.rows.length) : "unknown";
  const line =
    mode === undefined
      ? node.description
      : node.description.replace(/(\(?)\)$/, (_, open: string) => `${open === "(" ? "(" : ", "}${mode})`);
  // Nothing here depends on estimates, so that there are none.
  return costs ? `${line}: rowcount = ${rows}, cumulative cost = {unknown}` : line;
}

/** Operators as trees from the sinks down, as `millrace explain` prints them; a node that several read is printed once. */
export function physicalText(graph: JobGraph): string {
  return trees(graph, { reuse: true, exchanges: false, line: (node) => node.description });
}

interface TreeOptions {
  /** A node that several read is printed once, and referred to afterwards. */
  readonly reuse: boolean;
  /** Show where rows change threads; the result of a SELECT goes without its sink. */
  readonly exchanges: boolean;
  readonly line: (node: PhysicalNode) => string;
}

function trees(graph: JobGraph, options: TreeOptions): string {
  const byId = new Map(graph.nodes.map((n) => [n.id, n]));
  const consumers = new Map<string, number>();
  for (const node of graph.nodes)
    for (const input of node.inputs) consumers.set(input.from, (consumers.get(input.from) ?? 0) + 1);
  const numbers = new Map<string, number>();
  const lines: string[] = [];
  const visit = (node: PhysicalNode, first: string, rest: string): void => {
    const known = numbers.get(node.id);
    if (options.reuse && known !== undefined) {
      lines.push(`${first}Reused(reference_id=[${known}])`);
      return;
    }
    const shared = options.reuse && (consumers.get(node.id) ?? 0) > 1;
    if (shared) numbers.set(node.id, numbers.size + 1);
    lines.push(`${first}${options.line(node)}${shared ? `(reuse_id=[${numbers.size}])` : ""}`);
    // With exchanges the branches of a node are told apart as Flink does.
    node.inputs.forEach((input, i) => {
      const from = byId.get(input.from)!;
      const more = options.exchanges && i < node.inputs.length - 1;
      const [head, below] = [`${rest}${more ? ":- " : "+- "}`, `${rest}${more ? ":  " : "   "}`];
      const exchange = options.exchanges ? exchangeText(input.exchange, from) : undefined;
      if (exchange === undefined) {
        visit(from, head, below);
        return;
      }
      lines.push(head + exchange);
      visit(from, `${below}+- `, `${below}   `);
    });
  };
  const roots = graph.nodes.filter((node) => node.spec.kind === "sink");
  for (const root of roots) {
    const isQuery = root.spec.kind === "sink" && root.spec.target.type === "collect";
    const [input] = root.inputs;
    if (options.exchanges && isQuery && input !== undefined) visit(byId.get(input.from)!, "", "");
    else visit(root, "", "");
    if (options.exchanges && root !== roots.at(-1)) lines.push("");
  }
  return `${lines.join("\n")}\n`;
}

function exchangeText(exchange: PhysicalNode["inputs"][number]["exchange"], from: PhysicalNode): string | undefined {
  if (exchange.kind === "forward") return undefined;
  if (exchange.keys.length === 0) return "Exchange(distribution=[single])";
  return `Exchange(distribution=[hash[${exchange.keys.map((k) => from.fields[k]?.name ?? `f${k}`).join(", ")}]])`;
}

/** JSON_EXECUTION_PLAN: the operators with the threads they run in. */
function executionJson({ nodes }: JobGraph, session: Session): string {
  const parallelism = Number(session.config.get("parallelism.default") ?? 1);
  const ids = new Map(nodes.map((node, i) => [node.id, i + 1]));
  const list = nodes.map((node) => {
    const pact = node.inputs.length === 0 ? "Data Source" : node.spec.kind === "sink" ? "Data Sink" : "Operator";
    const id = ids.get(node.id) as number;
    return {
      id,
      type: `${node.spec.kind === "scan" ? "Source: " : ""}${/^\w+/.exec(node.description)?.[0] ?? node.spec.kind}[${id}]`,
      pact,
      contents: `[${id}]:${node.description}`,
      parallelism,
      ...(node.inputs.length === 0
        ? {}
        : {
            predecessors: node.inputs.map((input, i) => ({
              id: ids.get(input.from),
              ship_strategy: input.exchange.kind === "forward" ? "FORWARD" : "HASH",
              side: node.inputs.length > 1 && i === 0 ? "first" : "second",
            })),
          }),
    };
  });
  return JSON.stringify({ nodes: list }, null, 2);
}
