import type { Query } from "../ast/query.ts";
import type { TreeReader } from "./tree-reader.ts";

/** The text of a name, which is plain or a node; for a star `*`. */
export function nameOf(node: TreeReader, key: string): string | undefined {
  const value = node.raw(key);
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return value;
  const inner = node.need(key);
  if (inner.has("expr")) return inner.done(nameOf(inner, "expr"));
  return inner.done(inner.text("value"));
}

/** The query that a node holds, directly or as the only item of a list. */
export function queryIn(node: TreeReader): Query {
  if (node.has("ast")) return node.done(node.context.query(node.need("ast")));
  if (node.type === "select") return node.context.query(node);
  const items = node.list("value");
  if (items.length !== 1 || !items[0]!.has("ast")) throw node.unsupported("a list in the place of a query");
  return node.done(queryIn(items[0]!));
}

/** The last part of a called function's name in capitals, without counting as read. */
export function functionNameOf(node: TreeReader): string {
  const name = node.need("name");
  const parts = name.list("name");
  const last = parts[parts.length - 1] ?? name.child("schema");
  return (last?.peek("value") ?? "").toUpperCase();
}
