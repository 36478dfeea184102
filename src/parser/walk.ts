import type { Node } from "./ast/node.ts";

/** Any node of the tree, by its kind and span alone. */
export type AnyNode = Node<string>;

/** The nodes directly below a node, in no particular order. */
export function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const [key, value] of Object.entries(node)) {
    if (key !== "span") collect(value, children);
  }
  return children;
}

/** Calls `visit` with a node and everything below it; below a node for which it returns false nothing is visited. */
export function walk(node: AnyNode, visit: (node: AnyNode) => boolean | void): void {
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (visit(next) !== false) open.push(...childrenOf(next));
  }
}

/** The nodes in a value, which may be a list, or an object that is no node itself. */
function collect(value: unknown, into: AnyNode[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into);
  } else if (typeof value === "object" && value !== null) {
    if (isNode(value)) into.push(value);
    else for (const item of Object.values(value)) collect(item, into);
  }
}

function isNode(value: object): value is AnyNode {
  return "kind" in value && "span" in value;
}
