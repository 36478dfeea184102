import { walk, type ColumnRef, type Expression } from "../../parser/index.ts";

/** The names of columns in an expression (for `a.b` both parts: which one is the column is not known here). */
export function columnNamesIn(expression: Expression): ReadonlySet<string> {
  const names = new Set<string>();
  walk(expression, (node) => {
    if (node.kind === "ColumnRef") for (const part of (node as ColumnRef).parts) names.add(part.name);
  });
  return names;
}
